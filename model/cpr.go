package model

// CPR-shaped values (codebook R11): six digits that are a valid DDMMYY, an optional '-' or space, four digits, and no digit
// on either side. There is no modulus-11 test, because newer numbers fail it. The single space is ours: people write it.

// MaskCPR replaces the digits of every CPR-shaped value in s by '*' and tells whether there was one. The length never changes.
// With declared set (a column declared as KLE number, phone number or id) only the form with a dash, standing as a word of its
// own, is looked for.
func MaskCPR(s string, declared bool) (masked string, hit bool) {
	at, end := findCPR(s, 0, declared)
	if end == 0 {
		return s, false
	}
	b := []byte(s)
	for end != 0 {
		maskDigits(b[at:end])
		at, end = findCPR(s, end, declared)
	}
	return string(b), true
}

// MaskCPRBytes is MaskCPR in place.
func MaskCPRBytes(b []byte, declared bool) (hit bool) {
	for at, end := findCPR(b, 0, declared); end != 0; at, end = findCPR(b, end, declared) {
		maskDigits(b[at:end])
		hit = true
	}
	return hit
}

// MaskedCPR tells whether s holds a value that has been masked before, so that a kept file is judged as it was when it came.
func MaskedCPR(s string) bool {
	const stars = 6
	run := 0
	for i := 0; i < len(s); i++ {
		if s[i] != '*' {
			run = 0
			continue
		}
		run++
		if run >= stars && i+4 < len(s) { // more stars may have stood before it // at least four more bytes
			rest := s[i+1:]
			if rest[0] == '-' || rest[0] == ' ' {
				rest = rest[1:]
			}
			if len(rest) >= 4 && rest[:4] == "****" {
				return true
			}
		}
	}
	return false
}

func maskDigits(b []byte) {
	for i, c := range b {
		if c >= '0' && c <= '9' {
			b[i] = '*'
		}
	}
}

// findCPR finds the next CPR-shaped value from position from on; end is 0 when there is none.
func findCPR[T string | []byte](s T, from int, declared bool) (at, end int) {
	for i := from; i+10 <= len(s); {
		if !digit(s[i]) {
			i++
			continue
		}
		run := i
		for run < len(s) && digit(s[run]) {
			run++
		}
		switch n := run - i; {
		case n == 10 && !declared:
			if birthday(s, i) {
				return i, run
			}
		case n == 6 && run+5 <= len(s) && (s[run] == '-' || s[run] == ' ' && !declared):
			tail := run + 5
			if digits4(s, run+1) && (tail == len(s) || !digit(s[tail])) && birthday(s, i) &&
				!(declared && (i > 0 && wordByte(s[i-1]) || tail < len(s) && wordByte(s[tail]))) {
				return i, tail
			}
		}
		i = run
	}
	return 0, 0
}

func digit(c byte) bool { return c >= '0' && c <= '9' }

func wordByte(c byte) bool {
	return digit(c) || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80 || c == '_' || c == '-'
}

func digits4[T string | []byte](s T, i int) bool {
	return i+4 <= len(s) && digit(s[i]) && digit(s[i+1]) && digit(s[i+2]) && digit(s[i+3])
}

// birthday tells whether the six digits at i are a day: the century is unknown, so 29-02 needs a leap year in one of them.
func birthday[T string | []byte](s T, i int) bool {
	two := func(k int) int { return int(s[i+k]-'0')*10 + int(s[i+k+1]-'0') }
	day, month, year := two(0), two(2), two(4)
	return ValidDay(1900+year, month, day) || ValidDay(2000+year, month, day)
}
