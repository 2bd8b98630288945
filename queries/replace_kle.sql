-- One level of KL's KLE tree. A number that a deeper level has brought stays as it is.
INSERT INTO kle (subject, level, title, published)
SELECT unnest($numbers::UINTEGER[]), $level::UTINYINT, unnest($titles::VARCHAR[]), $published::DATE
ON CONFLICT DO NOTHING
