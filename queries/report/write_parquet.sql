-- Writes what comes in as a Parquet file. {path} stands for the quoted file name: COPY takes no parameter there.
COPY (SELECT * FROM incoming) TO {path} (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 40960)
