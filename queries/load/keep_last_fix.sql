-- A fix-it file may mend the same line twice; its last row for the line stands.
DELETE FROM staged WHERE (bag_line, line) NOT IN (SELECT (bag_line, max(line)) FROM staged GROUP BY bag_line)
