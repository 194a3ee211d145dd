-- A database of schema 1 with rows in it, as the first release wrote it. Never changed.
BEGIN TRANSACTION;
CREATE TABLE "_sqlite_migrations" (
   "id" INTEGER PRIMARY KEY,
   "migration_set" TEXT,
   "name" TEXT,
   "applied_at" TEXT
);
INSERT INTO "_sqlite_migrations" VALUES(1,'engawa','first_tables','2026-11-21 21:33:14.326174+00:00');
CREATE TABLE active (
        one INTEGER PRIMARY KEY NOT NULL CHECK (one = 1),
        revision TEXT NOT NULL REFERENCES revision (id)
    );
INSERT INTO "active" VALUES(1,'r1');
CREATE TABLE address (
        id TEXT PRIMARY KEY NOT NULL,
        contact TEXT NOT NULL REFERENCES contact (id),
        channel TEXT NOT NULL,
        lookup BLOB NOT NULL UNIQUE,
        key BLOB NOT NULL,
        platform_id BLOB NOT NULL,
        status TEXT NOT NULL
    );
INSERT INTO "address" VALUES('address-1','contact-1','line',X'68616E612E2E2E2E2E2E2E2E2E2E2E2E2E2E2E2E2E2E2E2E2E2E2E2E2E2E2E2E',X'61646472657373206B6579',X'706C6174666F726D206964','active');
INSERT INTO "address" VALUES('address-2','contact-2','line',X'6B656E2E2E2E2E2E2E2E2E2E2E2E2E2E2E2E2E2E2E2E2E2E2E2E2E2E2E2E2E2E',X'61646472657373206B6579',X'706C6174666F726D206964','active');
CREATE TABLE contact (
        id TEXT PRIMARY KEY NOT NULL, kek TEXT NOT NULL, key BLOB NOT NULL
    ) WITHOUT ROWID;
INSERT INTO "contact" VALUES('contact-1','kek1',X'636F6E74616374206B65792031');
INSERT INTO "contact" VALUES('contact-2','kek1',X'636F6E74616374206B65792032');
CREATE TABLE conversation (
        id TEXT PRIMARY KEY NOT NULL,
        contact TEXT NOT NULL UNIQUE REFERENCES contact (id),
        address TEXT NOT NULL,
        key BLOB NOT NULL,
        session BLOB NOT NULL,
        revision TEXT NOT NULL,
        shape TEXT NOT NULL,
        version INTEGER NOT NULL,
        owner TEXT NOT NULL,
        epoch INTEGER NOT NULL,
        tier INTEGER NOT NULL,
        tier_at INTEGER NOT NULL,
        tier_rule TEXT NOT NULL,
        message_seq INTEGER NOT NULL,
        outbox_seq INTEGER NOT NULL,
        first_seen INTEGER NOT NULL,
        last_seen INTEGER NOT NULL,
        fence INTEGER NOT NULL DEFAULT 0,
        lease_until INTEGER NOT NULL DEFAULT 0
    );
INSERT INTO "conversation" VALUES('conversation-1','contact-1','address-1',X'636F6E766572736174696F6E206B6579',X'73657373696F6E','r1','s',1,'bot',0,0,0,'',2,3,1800000000000,1800000000000,1,0);
INSERT INTO "conversation" VALUES('conversation-2','contact-2','address-2',X'636F6E766572736174696F6E206B6579',X'','','',0,'bot',0,0,0,'',0,0,1800000000000,1800000000000,1,1800000010000);
CREATE TABLE count (
        week TEXT NOT NULL,
        channel TEXT NOT NULL,
        event TEXT NOT NULL,
        label TEXT NOT NULL,
        n INTEGER NOT NULL,
        PRIMARY KEY (week, channel, event, label)
    ) WITHOUT ROWID;
INSERT INTO "count" VALUES('2027-01-11','line','door','',7);
CREATE TABLE inbound (
        arrived INTEGER PRIMARY KEY NOT NULL,
        event BLOB NOT NULL,
        conversation TEXT NOT NULL REFERENCES conversation (id),
        at INTEGER NOT NULL,
        sealed BLOB NOT NULL,
        message_ref BLOB NOT NULL,
        tries INTEGER NOT NULL DEFAULT 0,
        due INTEGER NOT NULL,
        tier INTEGER NOT NULL,
        status TEXT NOT NULL DEFAULT 'waiting'
    );
INSERT INTO "inbound" VALUES(1,X'6B31','conversation-2',1800000000000,X'626F6479206F66206B3120696E20636F6E766572736174696F6E2D32',X'',0,1800000000000,2,'waiting');
INSERT INTO "inbound" VALUES(2,X'6B32','conversation-2',1800000000000,X'626F6479206F66206B3220696E20636F6E766572736174696F6E2D32',X'',0,1800000000000,0,'waiting');
CREATE TABLE message (
        conversation TEXT NOT NULL REFERENCES conversation (id),
        seq INTEGER NOT NULL,
        author TEXT NOT NULL,
        at INTEGER NOT NULL,
        sealed BLOB NOT NULL,
        message_ref BLOB NOT NULL,
        PRIMARY KEY (conversation, seq)
    ) WITHOUT ROWID;
INSERT INTO "message" VALUES('conversation-1',1,'person',1800000000000,X'6669727374',X'6D31');
INSERT INTO "message" VALUES('conversation-1',2,'person',1800000000000,X'7365636F6E64',X'');
CREATE TABLE meta (name TEXT PRIMARY KEY NOT NULL, n INTEGER NOT NULL) WITHOUT ROWID;
INSERT INTO "meta" VALUES('beat',0);
CREATE TABLE outbox (
        row INTEGER PRIMARY KEY NOT NULL,
        id TEXT NOT NULL UNIQUE,
        conversation TEXT NOT NULL REFERENCES conversation (id),
        address TEXT NOT NULL,
        channel TEXT NOT NULL,
        seq INTEGER NOT NULL,
        speech TEXT NOT NULL,
        sealed BLOB NOT NULL,
        retry_key TEXT NOT NULL,
        token_at INTEGER NOT NULL,
        epoch INTEGER NOT NULL,
        status TEXT NOT NULL,
        via TEXT NOT NULL,
        tries INTEGER NOT NULL,
        first_at INTEGER NOT NULL,
        next_at INTEGER NOT NULL,
        created INTEGER NOT NULL,
        reason TEXT NOT NULL,
        rank INTEGER NOT NULL,
        settled INTEGER NOT NULL DEFAULT 0
    );
INSERT INTO "outbox" VALUES(1,'conversation-1/1','conversation-1','address-1','line',1,'turn',X'726571756573742031','key 1',0,0,'new','',0,0,1800000000000,1800000000000,'',2,0);
INSERT INTO "outbox" VALUES(2,'conversation-1/2','conversation-1','address-1','line',2,'crisis',X'726571756573742032','key 2',0,0,'sending','push',1,1800000000000,1800000010000,1800000000000,'',0,0);
INSERT INTO "outbox" VALUES(3,'conversation-1/3','conversation-1','address-1','line',3,'turn',X'726571756573742033','key 3',0,0,'new','',0,0,1800000000000,1800000000000,'',2,0);
CREATE TABLE revision (id TEXT PRIMARY KEY NOT NULL, at INTEGER NOT NULL) WITHOUT ROWID;
INSERT INTO "revision" VALUES('r1',1800000000000);
CREATE TABLE revision_file (
        revision TEXT NOT NULL REFERENCES revision (id),
        name TEXT NOT NULL,
        body BLOB NOT NULL,
        PRIMARY KEY (revision, name)
    );
INSERT INTO "revision_file" VALUES('r1','flows/a.yaml',X'613A2031');
CREATE TABLE seen (event BLOB PRIMARY KEY NOT NULL, day INTEGER NOT NULL) WITHOUT ROWID;
INSERT INTO "seen" VALUES(X'6531',20833);
INSERT INTO "seen" VALUES(X'6B31',20833);
INSERT INTO "seen" VALUES(X'6B32',20833);
CREATE TABLE timer (
        conversation TEXT NOT NULL REFERENCES conversation (id),
        kind TEXT NOT NULL,
        due INTEGER NOT NULL,
        data TEXT NOT NULL,
        PRIMARY KEY (conversation, kind)
    ) WITHOUT ROWID;
INSERT INTO "timer" VALUES('conversation-1','silence',1800000000060,'nonce');
CREATE TABLE unsent (
        message_ref BLOB PRIMARY KEY NOT NULL, day INTEGER NOT NULL
    ) WITHOUT ROWID;
INSERT INTO "unsent" VALUES(X'676F6E65',20833);
CREATE UNIQUE INDEX "idx__sqlite_migrations_migration_set_name"
    ON "_sqlite_migrations" ("migration_set", "name");
CREATE INDEX address_contact ON address (contact);
CREATE INDEX inbound_conversation ON inbound (conversation, arrived);
CREATE INDEX message_ref ON message (message_ref) WHERE message_ref != x'';
CREATE INDEX outbox_conversation ON outbox (conversation, status, seq);
CREATE INDEX outbox_due ON outbox (rank, next_at) WHERE status IN ('new', 'sending');
CREATE INDEX timer_due ON timer (due);
COMMIT;
