package metagen

import (
	"strings"
)

// An ifs is the IFS that an ebuild has left, by which words are split.
type ifs struct {
	blanks string // separators of which any number counts as one
	others string // separators each of which ends a word
}

// newIFS splits IFS. If it is not set, bash acts as if it were blank, tab and
// newline.
func newIFS(value string, set bool) ifs {
	if !set {
		value = " \t\n"
	}
	var f ifs
	for i := 0; i < len(value); i++ {
		if strings.IndexByte(" \t\n", value[i]) >= 0 {
			f.blanks += value[i : i+1]
		} else {
			f.others += value[i : i+1]
		}
	}
	return f
}

// split gives the words of an unquoted expansion.
func (f ifs) split(s string) []string {
	if f.others == "" {
		return strings.FieldsFunc(s, func(r rune) bool { return r < 0x80 && strings.IndexByte(f.blanks, byte(r)) >= 0 })
	}
	var words []string
	s = strings.TrimLeft(s, f.blanks)
	for s != "" {
		i := strings.IndexAny(s, f.blanks+f.others)
		if i < 0 {
			return append(words, s)
		}
		words = append(words, s[:i])
		s = strings.TrimLeft(s[i:], f.blanks)
		if s != "" && strings.IndexByte(f.others, s[0]) >= 0 {
			s = strings.TrimLeft(s[1:], f.blanks)
		}
	}
	return words
}

// normalise gives a value as it stands in a cache entry: as echo prints it when
// it is expanded without quotes, without line ends at the end.
func (f ifs) normalise(value string) string {
	words := f.split(value)
	escapes, newline := false, true
	for len(words) > 0 && isEchoOption(words[0]) {
		for _, c := range words[0][1:] {
			switch c {
			case 'e':
				escapes = true
			case 'E':
				escapes = false
			case 'n':
				newline = false
			}
		}
		words = words[1:]
	}
	_ = newline // a last line end is cut in any case
	text := strings.Join(words, " ")
	if escapes {
		text = unescape(text)
	}
	return strings.TrimRight(strings.ReplaceAll(text, "\x00", ""), "\n")
}

// isEchoOption says whether echo takes a word as options.
func isEchoOption(word string) bool {
	return len(word) > 1 && word[0] == '-' && strings.Trim(word[1:], "neE") == ""
}

// unescape carries out the backslash escapes of echo -e.
func unescape(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' || i+1 == len(s) {
			b.WriteByte(s[i])
			continue
		}
		i++
		switch c := s[i]; c {
		case 'c':
			return b.String()
		case '0':
			v, n := number(s[i+1:], 8, 3)
			b.WriteByte(byte(v))
			i += n
		case 'x', 'u', 'U':
			v, n := number(s[i+1:], 16, map[byte]int{'x': 2, 'u': 4, 'U': 8}[c])
			switch {
			case n == 0:
				b.WriteByte('\\')
				b.WriteByte(c)
			case c == 'x':
				b.WriteByte(byte(v))
			default:
				b.WriteRune(rune(v))
			}
			i += n
		default:
			if j := strings.IndexByte(`abeEfnrtv\`, c); j >= 0 {
				b.WriteByte("\a\b\x1b\x1b\f\n\r\t\v\\"[j])
			} else {
				b.WriteByte('\\')
				b.WriteByte(c)
			}
		}
	}
	return b.String()
}

// number reads at most digits digits of a number; n is how many there were.
func number(s string, base, digits int) (v, n int) {
	for n < len(s) && n < digits {
		d := strings.IndexByte("0123456789abcdef", s[n]|0x20)
		if s[n] >= '0' && s[n] <= '9' {
			d = int(s[n] - '0')
		}
		if d < 0 || d >= base {
			break
		}
		v, n = v*base+d, n+1
	}
	return v, n
}
