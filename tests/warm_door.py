"""A command of ours, started by a program that is not ours: its streams go to a fork of `tests.warm`, and its end comes back."""

import json
import os
import signal
import socket
import struct
import sys

door = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
door.connect(sys.argv[1])
mine, theirs = socket.socketpair()
request = {"words": json.loads(sys.argv[2]), "env": dict(os.environ), "cwd": os.getcwd(), "session": False}
socket.send_fds(door, [json.dumps(request).encode()], [0, 1, 2, theirs.fileno()])
theirs.close()
child = struct.unpack("i", mine.recv(4))[0]
for number in (0, 1, 2):
    os.close(number)  # whoever waits for their end waits for the command
for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
    signal.signal(name, lambda number, _: os.kill(child, number))
status = struct.unpack("i", mine.recv(4))[0]
os._exit(os.waitstatus_to_exitcode(status) & 0xFF)
