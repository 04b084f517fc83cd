"""Owner, mode, access list and attributes of one file given to another, before its content."""

from __future__ import annotations

import contextlib
import errno
import os
import sys

from vaultindex.base.errors import VaultError
from vaultindex.vault import swap

_ACL = "system.posix_acl_access"
_OPTIONAL = {errno.EPERM, errno.ENOTSUP, errno.ENODATA, errno.EINVAL, errno.EACCES}


def give_rights(old: int, info: os.stat_result, new: int, path: str) -> None:
    """Give the new file, still empty, the owner, rights and attributes of the old: nobody who could not read the old may
    read the new, not even for a moment. Raises VaultError when that cannot be done."""
    if sys.platform == "win32":
        return  # rights are the folder's there
    mine = os.fstat(new)
    if (info.st_uid, info.st_gid) != (mine.st_uid, mine.st_gid):
        try:
            os.fchown(new, info.st_uid, info.st_gid)
        except OSError as error:
            raise VaultError(f"{path} belongs to another user or group, and would not any more: not edited") from error
    if sys.platform == "darwin":
        swap.copy_on_macos(old, new)
        os.utime(new)
        return
    if hasattr(os, "listxattr"):
        # The folder may have given the new file an access list that the note never had (a default ACL).
        with contextlib.suppress(OSError):
            os.removexattr(new, _ACL)
        _copy_attributes(old, new, path)
    os.fchmod(new, info.st_mode & 0o7777)
    if (os.fstat(new).st_mode, _acl(new)) != (info.st_mode, _acl(old)):
        raise VaultError(f"{path} would get other rights than it has: not edited")


def _copy_attributes(old: int, new: int, path: str) -> None:
    try:
        names = os.listxattr(old)
    except OSError as error:
        if error.errno in _OPTIONAL:
            return
        raise
    for name in names:
        try:
            os.setxattr(new, name, os.getxattr(old, name))
        except OSError as error:
            if error.errno not in _OPTIONAL:
                raise
            if name == _ACL:
                raise VaultError(f"{path} would lose its access list: not edited") from error


def _acl(fd: int) -> bytes:
    try:
        return os.getxattr(fd, _ACL) if hasattr(os, "getxattr") else b""
    except OSError:
        return b""  # none
