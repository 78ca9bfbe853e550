package sets

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/ebuild"
)

// older returns the option mode as "is older wanted".
func (b *builder) older() (bool, error) {
	switch mode := strings.ToLower(b.get("mode", "older")); mode {
	case "older":
		return true, nil
	case "newer":
		return false, nil
	default:
		return false, fmt.Errorf("%w: mode = %s (older or newer)", ErrOption, mode)
	}
}

// built makes a set of installed packages by build time; those without a
// readable one count as old.
func (b *builder) built(older bool, wanted func(seconds int64) bool) *Set {
	return &Set{Unmerge: true, load: func(c *collector) {
		b.eachInstalled(c, func(p *ebuild.Package) {
			seconds, err := strconv.ParseInt(p.Raw("BUILD_TIME"), 10, 64)
			if err != nil && older || err == nil && wanted(seconds) {
				c.addSlot(p)
			}
		})
	}}
}

// age makes the set of packages older or newer than some days.
func (b *builder) age() (*Set, error) {
	older, err := b.older()
	if err != nil {
		return nil, err
	}
	days, err := strconv.Atoi(strings.TrimSpace(b.get("age", "7")))
	if err != nil {
		return nil, fmt.Errorf("%w: age is not an integer", ErrOption)
	}
	return b.built(older, func(seconds int64) bool {
		age := b.Queries.Now.Sub(time.Unix(seconds, 0)).Hours() / 24
		if older {
			return age > float64(days)
		}
		return age < float64(days)
	}), nil
}

// date makes the set of packages older or newer than a date.
func (b *builder) date() (*Set, error) {
	older, err := b.older()
	if err != nil {
		return nil, err
	}
	var given []string
	for _, key := range []string{"package", "filestamp", "seconds", "date"} {
		if _, ok := b.options[key]; ok {
			given = append(given, key)
		}
	}
	if len(given) != 1 {
		return nil, fmt.Errorf("%w: exactly one of package, filestamp, seconds, date must be given", ErrOption)
	}
	limit, err := b.instant(given[0], b.options[given[0]])
	if err != nil {
		return nil, err
	}
	return b.built(older, func(seconds int64) bool {
		if older {
			return seconds < limit
		}
		return seconds > limit
	}), nil
}

// instant returns the time, in seconds since the epoch, that an option gives.
func (b *builder) instant(key, value string) (int64, error) {
	switch key {
	case "package":
		a, err := atoms.ParseAtom(value, memberOptions())
		if err != nil {
			return 0, fmt.Errorf("%w: %w", ErrOption, err)
		}
		matches, err := b.matches(b.Queries.Installed, a, nil)
		if err != nil || len(matches) == 0 {
			return 0, fmt.Errorf("%w: no installation date of package %s", ErrOption, value)
		}
		return matches[0].BuildTime(), nil
	case "filestamp":
		fi, err := os.Stat(value)
		if err != nil {
			return 0, fmt.Errorf("%w: filestamp: %w", ErrOption, err)
		}
		return fi.ModTime().Unix(), nil
	case "seconds":
		seconds, err := strconv.ParseInt(strings.TrimSpace(value), 10, 64)
		if err != nil {
			return 0, fmt.Errorf("%w: seconds is not an integer", ErrOption)
		}
		return seconds, nil
	}
	layout, err := goLayout(b.get("dateformat", "%x %X"))
	if err != nil {
		return 0, err
	}
	location := b.Queries.Location
	if location == nil {
		location = time.UTC
	}
	t, err := time.ParseInLocation(layout, value, location)
	if err != nil {
		return 0, fmt.Errorf("%w: date %q does not match dateformat", ErrOption, value)
	}
	return t.Unix(), nil
}

// goLayout translates a strptime format of the C locale. Names of months and
// days are the English ones.
func goLayout(format string) (string, error) {
	var b strings.Builder
	for i := 0; i < len(format); i++ {
		if format[i] != '%' {
			b.WriteByte(format[i])
			continue
		}
		i++
		if i == len(format) {
			return "", fmt.Errorf("%w: dateformat ends in %%", ErrOption)
		}
		part, ok := directive(format[i])
		if !ok {
			return "", fmt.Errorf("%w: dateformat has unknown directive %%%c", ErrOption, format[i])
		}
		b.WriteString(part)
	}
	return b.String(), nil
}

// directive translates one strptime directive.
func directive(c byte) (string, bool) {
	switch c {
	case 'Y':
		return "2006", true
	case 'y':
		return "06", true
	case 'm':
		return "1", true
	case 'd':
		return "2", true
	case 'H':
		return "15", true
	case 'I':
		return "3", true
	case 'M':
		return "4", true
	case 'S':
		return "5", true
	case 'p':
		return "PM", true
	case 'b', 'h':
		return "Jan", true
	case 'B':
		return "January", true
	case 'a':
		return "Mon", true
	case 'A':
		return "Monday", true
	case 'z':
		return "-0700", true
	case 'Z':
		return "MST", true
	case 'x':
		return "1/2/06", true
	case 'X':
		return "15:4:5", true
	case 'c':
		return "Mon Jan _2 15:4:5 2006", true
	case 'F':
		return "2006-1-2", true
	case 'T':
		return "15:4:5", true
	case '%':
		return "%", true
	}
	return "", false
}
