package queries

import "C" // for allocator.c
