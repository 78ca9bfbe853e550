package portageq

import "github.com/tumpline/tumpline/cmd/internal/answer"

// The documents that the verbs answer with.
var (
	Variables    = answer.NewKind[variablesDoc]("tumpline.variables", "1.0.0", "variables of the configuration and their values")
	Matches      = answer.NewKind[matchesDoc]("tumpline.matches", "1.0.0", "which packages match, for each request")
	Metadata     = answer.NewKind[metadataDoc]("tumpline.metadata", "1.0.0", "metadata of one package")
	Owned        = answer.NewKind[ownedDoc]("tumpline.owned-files", "1.0.0", "which files belong to which installed package")
	Atoms        = answer.NewKind[atomsDoc]("tumpline.atoms", "1.0.0", "what a request stands for")
	Protection   = answer.NewKind[protectionDoc]("tumpline.protection", "1.0.0", "which files are protected configuration files")
	Repositories = answer.NewKind[repositoriesDoc]("tumpline.repositories", "1.0.0", "repositories and how they are configured")
	Eclasses     = answer.NewKind[eclassesDoc]("tumpline.eclasses", "1.0.0", "the eclasses that repositories see")
	Paths        = answer.NewKind[pathsDoc]("tumpline.paths", "1.0.0", "where named things are")
	Preserved    = answer.NewKind[preservedDoc]("tumpline.preserved", "1.0.0", "libraries that were kept for others")
)

type variablesDoc struct {
	answer.Head
	Variables []variableDoc `json:"variables" jsonschema:"in the order of the request"`
}

type variableDoc struct {
	Name  string  `json:"name"`
	Value *string `json:"value" jsonschema:"null if it is not set"`
}

type matchesDoc struct {
	answer.Head
	Matches []matchDoc `json:"matches" jsonschema:"in the order of the request"`
}

type matchDoc struct {
	Request  string   `json:"request" jsonschema:"the atom that was asked about; empty: everything"`
	Packages []string `json:"packages" jsonschema:"CATEGORY/PF, or CATEGORY/PN where versions were not wanted"`
}

type metadataDoc struct {
	answer.Head
	Type    string        `json:"type" jsonschema:"ebuild, binary or installed"`
	Package string        `json:"package" jsonschema:"CATEGORY/PF"`
	Values  []metadataKey `json:"values" jsonschema:"in the order of the request"`
}

type metadataKey struct {
	Key   string `json:"key"`
	Value string `json:"value" jsonschema:"empty if there is none"`
}

type ownedDoc struct {
	answer.Head
	Packages []ownedFiles `json:"packages"`
	Orphans  []string     `json:"orphans" jsonschema:"what was asked about and belongs to no package"`
}

type ownedFiles struct {
	Package string   `json:"package" jsonschema:"CATEGORY/PF"`
	Files   []string `json:"files" jsonschema:"absolute, with the root"`
}

type atomsDoc struct {
	answer.Head
	Request string   `json:"request"`
	Atoms   []string `json:"atoms"`
}

type protectionDoc struct {
	answer.Head
	Files []protectedFile `json:"files"`
}

type protectedFile struct {
	Path      string `json:"path" jsonschema:"as it was given"`
	Protected bool   `json:"protected"`
}

type repositoriesDoc struct {
	answer.Head
	Repositories []repositoryDoc `json:"repositories" jsonschema:"in the order of the request; all, the strongest first"`
}

type repositoryDoc struct {
	Name     string   `json:"name"`
	Location string   `json:"location" jsonschema:"absolute"`
	Priority int      `json:"priority" jsonschema:"higher ones win"`
	Main     bool     `json:"main"`
	Masters  []string `json:"masters"`
	Aliases  []string `json:"aliases"`
}

type eclassesDoc struct {
	answer.Head
	Repositories []eclassList `json:"repositories"`
}

type eclassList struct {
	Repository string   `json:"repository"`
	Eclasses   []string `json:"eclasses" jsonschema:"sorted"`
}

type pathsDoc struct {
	answer.Head
	Repository string     `json:"repository"`
	Paths      []pathItem `json:"paths" jsonschema:"in the order of the request"`
}

type pathItem struct {
	Name string  `json:"name"`
	Path *string `json:"path" jsonschema:"absolute; null if there is none"`
}

type preservedDoc struct {
	answer.Head
	Packages []preservedLibs `json:"packages"`
}

type preservedLibs struct {
	Package string   `json:"package" jsonschema:"CATEGORY/PF that installed them"`
	Paths   []string `json:"paths" jsonschema:"absolute below the root"`
}

// Kinds lists the documents of this package.
func Kinds() []*answer.Kind {
	return []*answer.Kind{Variables, Matches, Metadata, Owned, Atoms, Protection, Repositories, Eclasses, Paths, Preserved}
}
