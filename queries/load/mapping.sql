SELECT mapping FROM mappings WHERE upload = $1
