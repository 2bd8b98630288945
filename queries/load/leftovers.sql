SELECT EXISTS (FROM contacts WHERE upload >= $1) OR EXISTS (FROM claims WHERE upload >= $1) OR EXISTS (FROM fixes WHERE upload >= $1)
    OR EXISTS (FROM findings WHERE upload >= $1) OR EXISTS (FROM rejected WHERE upload >= $1)
    OR EXISTS (FROM mappings WHERE upload >= $1)
