SELECT seq, hash FROM applied
