-- A database as schema 1 was released, with a mail in it; made by hand, inert. Never changed again.
CREATE TABLE mails ( id INTEGER PRIMARY KEY, reference TEXT NOT NULL UNIQUE, time_ms INTEGER NOT NULL, door TEXT NOT NULL, direction TEXT NOT NULL, name TEXT NOT NULL, client_address TEXT NOT NULL, client_name TEXT NOT NULL, helo TEXT NOT NULL, sender TEXT NOT NULL, user TEXT NOT NULL, queue_id TEXT NOT NULL, message_id TEXT NOT NULL, subject TEXT NOT NULL, from_address TEXT NOT NULL, from_name TEXT NOT NULL, verdict TEXT NOT NULL, detection TEXT NOT NULL, deed TEXT NOT NULL, size INTEGER NOT NULL, recipients TEXT NOT NULL, report_mark BLOB NOT NULL, original BLOB) STRICT;
CREATE INDEX mails_time ON mails (time_ms);
CREATE INDEX mails_original ON mails (original) WHERE original IS NOT NULL;
CREATE TABLE reports ( mail INTEGER PRIMARY KEY REFERENCES mails (id) ON DELETE CASCADE, packing INTEGER NOT NULL, json BLOB NOT NULL) STRICT;
CREATE TABLE originals ( name BLOB PRIMARY KEY, size INTEGER NOT NULL, stored INTEGER NOT NULL, time_ms INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE deeds ( id INTEGER PRIMARY KEY, reference TEXT NOT NULL, time_ms INTEGER NOT NULL, who TEXT NOT NULL, verb TEXT NOT NULL, note TEXT NOT NULL) STRICT;
CREATE INDEX deeds_reference ON deeds (reference);
CREATE TABLE unindexed ( mail INTEGER PRIMARY KEY REFERENCES mails (id) ON DELETE CASCADE, words TEXT NOT NULL) STRICT;
CREATE VIRTUAL TABLE texts USING fts5 (subject, people, words, tokenize='trigram');
CREATE TABLE audit (seq INTEGER PRIMARY KEY, line TEXT NOT NULL) STRICT;
CREATE TABLE facts (name TEXT PRIMARY KEY, number INTEGER NOT NULL, mark BLOB NOT NULL) STRICT, WITHOUT ROWID;
INSERT INTO mails VALUES (1, '261122-7K3F9Q2M', 1795363200123, 'milter', 'in', '', '192.0.2.7', 'mx.example.invalid', 'mx.example.invalid', 's@example.invalid', '', '4Y1x', '<1@example.invalid>', '請求書の件', 's@example.invalid', '送信者', 'malicious', 'Macro.Download', 'hold', 5, 'a@example.invalid
b@example.invalid', x'00112233445566778899aabbccddeeff', x'000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f');
INSERT INTO reports VALUES (1, 0, x'7b7d');
INSERT INTO originals VALUES (x'000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f', 5, 100, 1795363200123);
INSERT INTO deeds VALUES (1, '261122-7K3F9Q2M', 1795363300123, 'admin', 'release', '');
INSERT INTO unindexed VALUES (1, 'http://example.invalid/');
INSERT INTO texts (rowid, subject, people, words) VALUES (7, '見積書', 'c@example.invalid', 'x.doc');
INSERT INTO audit VALUES (1, '{"seq":1}');
INSERT INTO facts VALUES ('key', 0, x'00');
PRAGMA user_version=1;
