-- The shared store of a team, version 1. PostgreSQL 13 and newer; written so that what speaks its protocol can take it:
-- no sequence, no trigger, no foreign key, no function of ours, no sub-select in a policy. Every key begins with the vault,
-- whose name begins with its owner: `dana/work` belongs to the role dana, whatever a statement says.

CREATE SCHEMA IF NOT EXISTS vaultindex;
CREATE SCHEMA IF NOT EXISTS vaultindex_staging;

CREATE TABLE IF NOT EXISTS vaultindex.versions (
  version int PRIMARY KEY,
  applied_at timestamptz NOT NULL DEFAULT now()
);

-- One row a vault: who publishes it and how far it has come. `watermark` grows by one with each transaction.
CREATE TABLE vaultindex.vaults (
  vault text PRIMARY KEY,
  publisher text NOT NULL,
  watermark bigint NOT NULL,
  rules text NOT NULL,
  published_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE vaultindex.notes (
  vault text NOT NULL,
  path text NOT NULL,
  id text NOT NULL,
  account_key text,
  title text NOT NULL,
  type text,
  date text,
  account text,
  project text,
  participants text NOT NULL,
  words text NOT NULL,
  digest text NOT NULL,
  more text NOT NULL,
  PRIMARY KEY (vault, path, id)
);
CREATE INDEX notes_account ON vaultindex.notes (account_key, date);
CREATE INDEX notes_date ON vaultindex.notes (date);
CREATE INDEX notes_words ON vaultindex.notes USING gin (to_tsvector('simple', words));

CREATE TABLE vaultindex.tasks (
  vault text NOT NULL,
  path text NOT NULL,
  id text NOT NULL,
  account_key text,
  line int NOT NULL,
  text text NOT NULL,
  state text NOT NULL,
  priority int NOT NULL,
  due text,
  scheduled text,
  done text,
  owner text,
  person_key text,
  handle text,
  more text NOT NULL,
  PRIMARY KEY (vault, path, id)
);
CREATE INDEX tasks_person ON vaultindex.tasks (person_key, state);
CREATE INDEX tasks_handle ON vaultindex.tasks (handle, state);
CREATE INDEX tasks_account ON vaultindex.tasks (account_key, state);
CREATE INDEX tasks_due ON vaultindex.tasks (state, due);

CREATE TABLE vaultindex.decisions (
  vault text NOT NULL,
  path text NOT NULL,
  id text NOT NULL,
  account_key text,
  line int NOT NULL,
  text text NOT NULL,
  date text,
  status text,
  more text NOT NULL,
  PRIMARY KEY (vault, path, id)
);
CREATE INDEX decisions_account ON vaultindex.decisions (account_key, date);
CREATE INDEX decisions_date ON vaultindex.decisions (date);

-- Who took part. `key` is the folded name; `handle` is the same, of an address what stands before the @.
CREATE TABLE vaultindex.people (
  vault text NOT NULL,
  path text NOT NULL,
  id text NOT NULL,
  account_key text,
  line int NOT NULL,
  name text NOT NULL,
  key text NOT NULL,
  handle text NOT NULL,
  date text,
  more text NOT NULL,
  PRIMARY KEY (vault, path, id)
);
CREATE INDEX people_key ON vaultindex.people (key);
CREATE INDEX people_handle ON vaultindex.people (handle);
CREATE INDEX people_account ON vaultindex.people (account_key, key);

-- The people and accounts that have a note of their own, under each of their names.
CREATE TABLE vaultindex.names (
  vault text NOT NULL,
  path text NOT NULL,
  id text NOT NULL,
  account_key text,
  kind text NOT NULL,
  name text NOT NULL,
  alias text NOT NULL,
  key text NOT NULL,
  PRIMARY KEY (vault, path, id)
);
CREATE INDEX names_key ON vaultindex.names (key, kind);

-- The text of notes, only where a publisher asked for it.
CREATE TABLE vaultindex.texts (
  vault text NOT NULL,
  path text NOT NULL,
  id text NOT NULL,
  account_key text,
  body text NOT NULL,
  PRIMARY KEY (vault, path, id)
);

GRANT USAGE ON SCHEMA vaultindex TO vaultindex_member;
GRANT USAGE ON SCHEMA vaultindex_staging TO vaultindex_publisher;
GRANT SELECT ON vaultindex.versions, vaultindex.vaults, vaultindex.notes, vaultindex.tasks, vaultindex.decisions,
  vaultindex.people, vaultindex.names, vaultindex.texts TO vaultindex_member;
GRANT INSERT, UPDATE, DELETE ON vaultindex.vaults, vaultindex.notes, vaultindex.tasks, vaultindex.decisions,
  vaultindex.people, vaultindex.names, vaultindex.texts TO vaultindex_publisher;

ALTER TABLE vaultindex.vaults ENABLE ROW LEVEL SECURITY;
ALTER TABLE vaultindex.vaults FORCE ROW LEVEL SECURITY;
ALTER TABLE vaultindex.notes ENABLE ROW LEVEL SECURITY;
ALTER TABLE vaultindex.notes FORCE ROW LEVEL SECURITY;
ALTER TABLE vaultindex.tasks ENABLE ROW LEVEL SECURITY;
ALTER TABLE vaultindex.tasks FORCE ROW LEVEL SECURITY;
ALTER TABLE vaultindex.decisions ENABLE ROW LEVEL SECURITY;
ALTER TABLE vaultindex.decisions FORCE ROW LEVEL SECURITY;
ALTER TABLE vaultindex.people ENABLE ROW LEVEL SECURITY;
ALTER TABLE vaultindex.people FORCE ROW LEVEL SECURITY;
ALTER TABLE vaultindex.names ENABLE ROW LEVEL SECURITY;
ALTER TABLE vaultindex.names FORCE ROW LEVEL SECURITY;
ALTER TABLE vaultindex.texts ENABLE ROW LEVEL SECURITY;
ALTER TABLE vaultindex.texts FORCE ROW LEVEL SECURITY;

-- A publisher: the rows of vaults whose name begins with their own role's, and no other row.
CREATE POLICY publish ON vaultindex.vaults FOR ALL TO vaultindex_publisher
  USING (split_part(vault, '/', 1) = current_user) WITH CHECK (split_part(vault, '/', 1) = current_user);
CREATE POLICY publish ON vaultindex.notes FOR ALL TO vaultindex_publisher
  USING (split_part(vault, '/', 1) = current_user) WITH CHECK (split_part(vault, '/', 1) = current_user);
CREATE POLICY publish ON vaultindex.tasks FOR ALL TO vaultindex_publisher
  USING (split_part(vault, '/', 1) = current_user) WITH CHECK (split_part(vault, '/', 1) = current_user);
CREATE POLICY publish ON vaultindex.decisions FOR ALL TO vaultindex_publisher
  USING (split_part(vault, '/', 1) = current_user) WITH CHECK (split_part(vault, '/', 1) = current_user);
CREATE POLICY publish ON vaultindex.people FOR ALL TO vaultindex_publisher
  USING (split_part(vault, '/', 1) = current_user) WITH CHECK (split_part(vault, '/', 1) = current_user);
CREATE POLICY publish ON vaultindex.names FOR ALL TO vaultindex_publisher
  USING (split_part(vault, '/', 1) = current_user) WITH CHECK (split_part(vault, '/', 1) = current_user);
CREATE POLICY publish ON vaultindex.texts FOR ALL TO vaultindex_publisher
  USING (split_part(vault, '/', 1) = current_user) WITH CHECK (split_part(vault, '/', 1) = current_user);

-- A reader of everything; and for everybody, whose vaults there are and how old their rows are. Who reads some accounts
-- alone is a member of these accounts' roles, whose policies `vi team add --account` makes.
CREATE POLICY see ON vaultindex.vaults FOR SELECT TO vaultindex_member USING (true);
CREATE POLICY read ON vaultindex.notes FOR SELECT TO vaultindex_reader USING (true);
CREATE POLICY read ON vaultindex.tasks FOR SELECT TO vaultindex_reader USING (true);
CREATE POLICY read ON vaultindex.decisions FOR SELECT TO vaultindex_reader USING (true);
CREATE POLICY read ON vaultindex.people FOR SELECT TO vaultindex_reader USING (true);
CREATE POLICY read ON vaultindex.names FOR SELECT TO vaultindex_reader USING (true);
CREATE POLICY read ON vaultindex.texts FOR SELECT TO vaultindex_reader USING (true);
