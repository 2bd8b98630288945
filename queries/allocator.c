// What the allocator that DuckDB brings is told last (jemalloc, malloc_conf): memory that was freed goes back to the system in half a
// second instead of ten. Each of its arenas keeps some, so that how much an import takes at the most was left to chance.
// Where DuckDB has another allocator nobody reads this.
const char *duckdb_je_malloc_conf_2_conf_harder = "dirty_decay_ms:500,muzzy_decay_ms:0";
