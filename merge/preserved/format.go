package preserved

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// Name is the place of the registry below EROOT.
const Name = "var/lib/portage/preserved_libs_registry"

// Format gives the text of a registry as Portage writes it. Records without paths are
// left out.
func Format(list []Record) ([]byte, error) {
	all := make(map[string]any, len(list))
	for _, r := range list {
		if len(r.Paths) > 0 {
			all[r.Key] = []any{r.CPV, r.Counter, r.Paths}
		}
	}
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "\t")
	if err := e.Encode(all); err != nil {
		return nil, fmt.Errorf("write preserved libraries: %w", err)
	}
	return bytes.TrimSuffix(out.Bytes(), []byte("\n")), nil
}
