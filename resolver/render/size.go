package render

import "strconv"

func itoa(n int) string { return strconv.Itoa(n) }

// size returns a number of bytes in KiB, rounded up, so that a small file is
// not 0 (O53). Negative sizes count as 0.
func (o *Options) size(bytes int64) string {
	kib := max(bytes, 0) / 1024
	if bytes > 0 && bytes%1024 != 0 {
		kib++
	}
	digits := strconv.FormatInt(kib, 10)
	if o.Thousands != "" {
		for i := len(digits) - 3; i > 0; i -= 3 {
			digits = digits[:i] + o.Thousands + digits[i:]
		}
	}
	return digits + " KiB"
}
