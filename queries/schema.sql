-- The whole database. Everything in it can be made again from the kept uploads and the journal (komhen rebuild).

CREATE TABLE meta (name VARCHAR PRIMARY KEY, value VARCHAR NOT NULL);

-- One row an upload. bag is the upload whose rows these continue (a fix-it file), else the upload itself.
CREATE TABLE uploads (
    upload UINTEGER PRIMARY KEY, bag UINTEGER NOT NULL, replaces UINTEGER, live BOOLEAN NOT NULL,
    received TIMESTAMP_S NOT NULL, changed TIMESTAMP_S NOT NULL,
    file VARCHAR NOT NULL, kept VARCHAR NOT NULL, sha256 VARCHAR NOT NULL, kept_sha256 VARCHAR NOT NULL, size UBIGINT NOT NULL,
    municipality USMALLINT NOT NULL, restricted BOOLEAN NOT NULL, source VARCHAR NOT NULL, kind VARCHAR NOT NULL, test BOOLEAN NOT NULL,
    round VARCHAR NOT NULL, first_day DATE, last_day DATE,
    format VARCHAR NOT NULL, encoding VARCHAR NOT NULL, delimiter VARCHAR NOT NULL, sheet VARCHAR NOT NULL, layout VARCHAR NOT NULL,
    columns VARCHAR[] NOT NULL, -- the header as written
    locals VARCHAR[] NOT NULL,  -- names of the voluntary and local parameters, in the order of contacts.extra
    records UBIGINT NOT NULL, header UBIGINT NOT NULL, blank UBIGINT NOT NULL, accepted UBIGINT NOT NULL, rejected UBIGINT NOT NULL,
    withheld UBIGINT NOT NULL, contacts UBIGINT NOT NULL, warnings UBIGINT NOT NULL, corrections UBIGINT NOT NULL,
    received_by VARCHAR NOT NULL DEFAULT '', changed_by VARCHAR NOT NULL DEFAULT '', -- opaque account ids; '' is the command line
    delivery UBIGINT NOT NULL DEFAULT 0 -- the central delivery that this is a municipality's part of; 0 for none
);

-- The column mapping, as JSON, that an upload was read with: a fix-it file that continues it is read with the same.
CREATE TABLE mappings (upload UINTEGER NOT NULL, mapping VARCHAR NOT NULL);

-- Datakilde: a small number for each source name.
CREATE TABLE sources (source USMALLINT PRIMARY KEY, name VARCHAR NOT NULL UNIQUE);

-- A number for each name of a unit, from 1 without a gap. A folder may know more names than there are numbers; contact_rows tells
-- what becomes of the others. (Numbers are given by one writer, and an index would cost every small upload.)
CREATE TABLE unit_names (unit USMALLINT NOT NULL, name VARCHAR NOT NULL);

-- The name of a unit, from a row's place and detail; NULL when it has none.
CREATE MACRO unit_name(place, detail) AS
CASE place >> 48 WHEN 0 THEN NULL WHEN 65535 THEN split_part(detail, chr(29), 1)
    ELSE (SELECT list(name ORDER BY unit) FROM unit_names)[CAST(place >> 48 AS BIGINT)] END;

-- The rest of detail.
CREATE MACRO unit_less(place, detail) AS CASE WHEN place >> 48 = 65535 THEN substr(detail, instr(detail, chr(29)) + 1) ELSE detail END;

-- One row for each distinct key that any upload holds (codebook §6); equal rows of one upload share a row. Everything reads the view
-- contacts; only what is written is written here. A column more costs a load a thirtieth of its time, so what is small is packed:
--   place    line, 32 bits up the source, and 48 bits up the unit's number: 0 is none, 65535 that the name stands in detail
--   codes    channel 8 bits, type 6, closing 4, form 3, no unit 1, system 1, test 1, subject 20, amount 20, from the lowest up: what
--            a report needs of most rows, so that it reads one column
--   times    the start or, without one, the end, in seconds since 1970 plus 2^39: 40 bits; then end - start, 20 bits; 1 bit each for
--            whether there is a start and an end. 0 is neither
--   detail   kilde_id, U+001E, and the local parameters; NULL is neither. Before it the unit's name and U+001D, where place says so
--   counts   own and, 32 bits up, copies
-- The ways of packing are stated, because trying them all on every row group costs a third of the time of a load: keys and ids do
-- not pack.
CREATE TABLE contact_rows (
    upload       UINTEGER NOT NULL    USING COMPRESSION bitpacking,
    place        UBIGINT NOT NULL     USING COMPRESSION uncompressed,
    key_hi       UBIGINT NOT NULL     USING COMPRESSION uncompressed,
    key_lo       UBIGINT NOT NULL     USING COMPRESSION uncompressed,
    version      UBIGINT NOT NULL     USING COMPRESSION uncompressed,
    municipality USMALLINT NOT NULL   USING COMPRESSION bitpacking,
    moment       TIMESTAMP_S NOT NULL USING COMPRESSION bitpacking,
    codes        UBIGINT NOT NULL     USING COMPRESSION uncompressed,
    times        UBIGINT NOT NULL     USING COMPRESSION uncompressed,
    detail       VARCHAR              USING COMPRESSION uncompressed,
    counts       UBIGINT NOT NULL     USING COMPRESSION bitpacking
);

-- The same as everybody reads it.
--   key_hi, key_lo  the identity without its ordinal, 128 bits
--   version         0, or with a kilde_id the hash of the content, so that a correction is a row of its own
--   own             how many rows of `upload` itself have this key (0 when a fix-it file brought it)
--   copies          how many contacts count now: over the live bags the largest number of rows with this key
--   id, extra       kilde_id, and the local parameters in the order of uploads.locals, joined with U+001F
--   amount          antal; the row stands for copies * amount contacts
--   no_unit         whether unit is NULL
--   place, detail   as they are stored, for who reads many rows and unpacks them itself
--   row_id          where the row lies: rows of a file lie mostly in its order, and a range of it is read without the rest
-- Codes are the ids of the codebook, 0 meaning not filled in; subject is the KLE number as NNNNNN.
CREATE VIEW contacts AS
SELECT upload, CAST(place & 4294967295 AS UINTEGER) AS line, key_hi, key_lo, version, municipality, CAST((place >> 32) & 65535 AS USMALLINT) AS source,
    CAST(codes & 255 AS UTINYINT) AS channel, CAST((codes >> 8) & 63 AS UTINYINT) AS type,
    CAST((codes >> 14) & 15 AS UTINYINT) AS closing, CAST((codes >> 18) & 7 AS UTINYINT) AS form,
    CAST((codes >> 24) & 1048575 AS UINTEGER) AS subject, moment,
    CASE WHEN times & 1 <> 0 THEN CAST(epoch_ms(1000 * (CAST((times >> 2) & 1099511627775 AS BIGINT) - 549755813888)) AS TIMESTAMP_S) END AS start_moment,
    CASE WHEN times & 2 <> 0 THEN CAST(epoch_ms(1000 * (CAST((times >> 2) & 1099511627775 AS BIGINT) - 549755813888 + CAST(times >> 42 AS BIGINT))) AS TIMESTAMP_S) END AS end_moment,
    CAST(codes >> 44 AS UINTEGER) AS amount, unit_name(place, detail) AS unit,
    nullif(split_part(unit_less(place, detail), chr(30), 1), '') AS id,
    nullif(substr(unit_less(place, detail), instr(unit_less(place, detail), chr(30)) + 1), '') AS extra,
    codes & 4194304 <> 0 AS system, codes & 8388608 <> 0 AS test,
    CAST(counts & 4294967295 AS UINTEGER) AS own, CAST(counts >> 32 AS UINTEGER) AS copies,
    codes & 2097152 <> 0 AS no_unit, place, detail, rowid AS row_id
FROM contact_rows;

-- The rows of a table with the columns of contacts, up to copies, as contact_rows has them: for tests and benchmarks, which make contacts in SQL. Names that
-- unit_names has not are written out.
CREATE MACRO packed(given) AS TABLE
SELECT upload, line + 4294967296 * CAST(source AS UBIGINT)
        + 281474976710656 * CAST(CASE WHEN given_rows.unit IS NULL THEN 0 ELSE coalesce(n.unit, 65535) END AS UBIGINT) AS place, key_hi, key_lo, version, municipality, moment,
    CAST(channel AS UBIGINT) + 256 * CAST(type AS UBIGINT) + 16384 * CAST(closing AS UBIGINT) + 262144 * CAST(form AS UBIGINT)
        + CASE WHEN given_rows.unit IS NULL THEN 2097152 ELSE 0 END
        + CASE WHEN system THEN 4194304 ELSE 0 END + CASE WHEN test THEN 8388608 ELSE 0 END
        + 16777216 * CAST(subject AS UBIGINT) + 17592186044416 * CAST(amount AS UBIGINT) AS codes,
    CASE WHEN coalesce(start_moment, end_moment) IS NULL THEN CAST(0 AS UBIGINT)
        ELSE 4 * CAST(epoch(coalesce(start_moment, end_moment)) + 549755813888 AS UBIGINT)
            + 4398046511104 * CAST(coalesce(epoch(end_moment) - epoch(start_moment), 0) AS UBIGINT)
            + CASE WHEN start_moment IS NULL THEN 0 ELSE 1 END + CASE WHEN end_moment IS NULL THEN 0 ELSE 2 END END AS times,
    CASE WHEN given_rows.unit IS NOT NULL AND n.unit IS NULL THEN given_rows.unit || chr(29)
            || CASE WHEN coalesce(id, '') <> '' OR coalesce(extra, '') <> '' THEN coalesce(id, '') || chr(30) || coalesce(extra, '') ELSE '' END
        WHEN coalesce(id, '') <> '' OR coalesce(extra, '') <> '' THEN coalesce(id, '') || chr(30) || coalesce(extra, '') END AS detail,
    own + 4294967296 * CAST(copies AS UBIGINT) AS counts
FROM query_table(given) AS given_rows LEFT JOIN unit_names n ON n.name = given_rows.unit;

-- What further uploads hold of keys that already stand in contacts: n rows.
CREATE TABLE claims (
    upload  UINTEGER NOT NULL USING COMPRESSION bitpacking,
    key_hi  UBIGINT NOT NULL  USING COMPRESSION uncompressed,
    key_lo  UBIGINT NOT NULL  USING COMPRESSION uncompressed,
    version UBIGINT NOT NULL  USING COMPRESSION uncompressed,
    n       UINTEGER NOT NULL USING COMPRESSION bitpacking
);

-- Rows of fix-it files: each mends one rejected line of a bag; the newest live one of a line counts.
CREATE TABLE fixes (upload UINTEGER NOT NULL, bag UINTEGER NOT NULL, line UINTEGER NOT NULL, key_hi UBIGINT NOT NULL, key_lo UBIGINT NOT NULL, version UBIGINT NOT NULL);

CREATE TABLE findings (
    upload      UINTEGER NOT NULL USING COMPRESSION bitpacking,
    rule        VARCHAR NOT NULL  USING COMPRESSION dictionary,
    severity    VARCHAR NOT NULL  USING COMPRESSION dictionary,
    line        UINTEGER NOT NULL USING COMPRESSION bitpacking,
    record      UINTEGER NOT NULL USING COMPRESSION bitpacking,
    column_name VARCHAR NOT NULL  USING COMPRESSION dictionary,
    value       VARCHAR NOT NULL  USING COMPRESSION uncompressed,
    detail      VARCHAR NOT NULL  USING COMPRESSION dictionary,
    proposal    VARCHAR NOT NULL  USING COMPRESSION dictionary
);

-- Rejected rows as they came (CPR-shaped digits masked): what a fix-it file is written from. bag_line is the line in the
-- bag's first upload, which differs from line when a fix-it row was rejected again.
CREATE TABLE rejected (upload UINTEGER NOT NULL, line UINTEGER NOT NULL, record UINTEGER NOT NULL, bag_line UINTEGER NOT NULL, cells VARCHAR[] NOT NULL USING COMPRESSION uncompressed);

CREATE TABLE units (municipality USMALLINT NOT NULL, unit VARCHAR NOT NULL, upload UINTEGER NOT NULL, PRIMARY KEY (municipality, unit));

-- KL's KLE tree as last imported; level 1, 2 or 3.
CREATE TABLE kle (subject UINTEGER NOT NULL, level UTINYINT NOT NULL, title VARCHAR NOT NULL, published DATE NOT NULL, PRIMARY KEY (subject, level));

-- A round of a municipality is provisional until its coordinator approves it. One row an approval; it stands while reopened is NULL.
-- The days are the round's. reopened_for is the upload whose arrival or undoing changed the figures, NULL when a person reopened.
CREATE TABLE approvals (
    municipality USMALLINT NOT NULL, round VARCHAR NOT NULL, first_day DATE NOT NULL, last_day DATE NOT NULL,
    approved TIMESTAMP_S NOT NULL, approved_by VARCHAR NOT NULL,
    reopened TIMESTAMP_S, reopened_by VARCHAR, reopened_for UINTEGER
);

-- What was declared rather than counted (model.Record); body is JSON, '' takes the earlier one back. Rows are only added: of equal kind,
-- municipality, round and key the latest stands, and the others are its history. place is its place in the decision seq.
CREATE TABLE records (
    seq UBIGINT NOT NULL, place UINTEGER NOT NULL, kind VARCHAR NOT NULL, municipality USMALLINT NOT NULL, round VARCHAR NOT NULL, key VARCHAR NOT NULL,
    body VARCHAR NOT NULL, declared TIMESTAMP_S NOT NULL, declared_by VARCHAR NOT NULL
);

-- KLIK. Rows are only added; of equal kind and id, or task and municipality, the latest stands, and the others are its history. The moment
-- decides, then seq, the decision's number, and place within it. kind is project, wave, task or thresholds; body is JSON (model.Klik…), '' what was deleted.
CREATE TABLE klik_plan (seq UBIGINT NOT NULL, place UINTEGER NOT NULL, moment TIMESTAMP_S NOT NULL, kind VARCHAR NOT NULL, id UINTEGER NOT NULL, body VARCHAR NOT NULL, said_by VARCHAR NOT NULL);
-- What a municipality says of its task, from a moment on. start_day and end_day are its own instead of the task's.
CREATE TABLE klik_steps (
    seq UBIGINT NOT NULL, place UINTEGER NOT NULL, moment TIMESTAMP_S NOT NULL, said_by VARCHAR NOT NULL, task UINTEGER NOT NULL, municipality USMALLINT NOT NULL,
    status UTINYINT NOT NULL, responsible VARCHAR NOT NULL, performer VARCHAR NOT NULL, start_day DATE, end_day DATE
);
-- municipality is 0 for a message on the master task to all of them.
CREATE TABLE klik_comments (seq UBIGINT NOT NULL, place UINTEGER NOT NULL, moment TIMESTAMP_S NOT NULL, said_by VARCHAR NOT NULL, task UINTEGER NOT NULL, municipality USMALLINT NOT NULL, text VARCHAR NOT NULL);

-- The cube: what reports count (queries/cube), summed by week, cube_days, cube_units and cube_unit_channels by day. moment is the first second of it, so
-- that one condition on moment fits both contacts and the cube.
CREATE TABLE cube_codes (municipality USMALLINT NOT NULL, moment TIMESTAMP_S NOT NULL, channel UTINYINT NOT NULL, type UTINYINT NOT NULL, closing UTINYINT NOT NULL, form UTINYINT NOT NULL, contacts BIGINT NOT NULL);
CREATE TABLE cube_tasks (municipality USMALLINT NOT NULL, moment TIMESTAMP_S NOT NULL, subject UINTEGER NOT NULL, channel UTINYINT NOT NULL, type UTINYINT NOT NULL, contacts BIGINT NOT NULL);
CREATE TABLE cube_days (municipality USMALLINT NOT NULL, moment TIMESTAMP_S NOT NULL, type UTINYINT NOT NULL, test BOOLEAN NOT NULL, contacts BIGINT NOT NULL);
CREATE TABLE cube_units (municipality USMALLINT NOT NULL, moment TIMESTAMP_S NOT NULL, unit VARCHAR, type UTINYINT NOT NULL, contacts BIGINT NOT NULL);
CREATE TABLE cube_unit_channels (municipality USMALLINT NOT NULL, moment TIMESTAMP_S NOT NULL, unit VARCHAR, channel UTINYINT NOT NULL, contacts BIGINT NOT NULL);
CREATE TABLE cube_incomplete (municipality USMALLINT NOT NULL, moment TIMESTAMP_S NOT NULL, channel UTINYINT NOT NULL, no_type BOOLEAN NOT NULL, no_closing BOOLEAN NOT NULL, no_form BOOLEAN NOT NULL, no_unit BOOLEAN NOT NULL, contacts BIGINT NOT NULL);
CREATE TABLE cube_uploads (municipality USMALLINT NOT NULL, moment TIMESTAMP_S NOT NULL, upload UINTEGER NOT NULL, own BOOLEAN NOT NULL, contacts BIGINT NOT NULL);
CREATE TABLE cube_further (municipality USMALLINT NOT NULL, moment TIMESTAMP_S NOT NULL, upload UINTEGER NOT NULL);
-- The two large ones once more for the whole country; municipality is 0.
CREATE TABLE national_codes (municipality USMALLINT NOT NULL, moment TIMESTAMP_S NOT NULL, channel UTINYINT NOT NULL, type UTINYINT NOT NULL, closing UTINYINT NOT NULL, form UTINYINT NOT NULL, contacts BIGINT NOT NULL);
CREATE TABLE national_tasks (municipality USMALLINT NOT NULL, moment TIMESTAMP_S NOT NULL, subject UINTEGER NOT NULL, channel UTINYINT NOT NULL, type UTINYINT NOT NULL, contacts BIGINT NOT NULL);

-- The weeks of municipalities (their Mondays) whose contacts changed since the cube was made; written with every such change.
-- No key: writers only add and a refresh only takes away what it saw, so the two never meet.
CREATE TABLE stale (municipality USMALLINT NOT NULL, week TIMESTAMP_S NOT NULL);

-- The journal's last line that this database contains.
CREATE TABLE applied (seq UBIGINT NOT NULL, hash VARCHAR NOT NULL);
INSERT INTO applied VALUES (0, '');
