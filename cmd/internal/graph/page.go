package graph

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/tumpline/tumpline/resolver/depgraph"
)

//go:embed page.html
var page string

// A pageNode is a node with its place.
type pageNode struct {
	node
	Row int `json:"row"`
}

// pageData is what the page shows.
type pageData struct {
	Title  string     `json:"title"`
	Source string     `json:"source"`
	Nodes  []pageNode `json:"nodes"`
	Edges  []edge     `json:"edges"`
	Cycles [][]int64  `json:"cycles"`
}

// writePage writes the page: everything it needs is in it.
func writePage(w io.Writer, r *request, g *depgraph.Graph) error {
	d := newDocument(r, g)
	data := pageData{Title: r.title(), Source: d.Source, Edges: d.Edges, Cycles: d.Cycles, Nodes: []pageNode{}}
	_, row := layout(g)
	for i, n := range d.Nodes {
		data.Nodes = append(data.Nodes, pageNode{node: n, Row: row[i]})
	}
	text, err := json.Marshal(data) // with <, > and & escaped: safe within a script element
	if err != nil {
		return fmt.Errorf("write page: %w", err)
	}
	before, after, ok := strings.Cut(page, "@DATA@")
	if !ok {
		return fmt.Errorf("write page: no place for the data")
	}
	_, err = io.WriteString(w, before+string(text)+after)
	return err
}

func (r *request) title() string {
	switch {
	case len(r.targets) > 0 && r.reverse:
		return "What needs " + strings.Join(r.targets, " ")
	case len(r.targets) > 0:
		return strings.Join(r.targets, " ")
	default:
		return "What is installed"
	}
}
