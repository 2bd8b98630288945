SELECT DISTINCT bag_line FROM rejected WHERE upload = $1
