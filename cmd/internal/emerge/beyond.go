package emerge

import "github.com/tumpline/tumpline/resolver"

// beyondOptions are the options about going on where Portage gives up.
func beyondOptions() []Option {
	return []Option{
		{Long: "--beyond", Takes: TakesWord, Choices: yesNo, Support: Done, Note: "search on where Portage finds no plan (y); n fails as Portage does"},
	}
}

// goBeyond says in a request whether to search on where Portage fails.
func (r *run) goBeyond(request *resolver.Request) {
	request.Beyond = r.line.Text("--beyond") != "n"
	request.Remedy = request.Beyond
}
