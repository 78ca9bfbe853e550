package complete

import "strings"

// script is what a shell is to load; ok is false for an unknown one.
func script(shell string, names []string) (text string, ok bool) {
	form, ok := map[string]string{"bash": bash, "zsh": zsh, "fish": fish}[shell]
	if !ok {
		return "", false
	}
	var quoted []string
	for _, name := range names {
		quoted = append(quoted, "'"+strings.ReplaceAll(name, "'", `'\''`)+"'")
	}
	return strings.NewReplacer("@NAMES@", strings.Join(quoted, " "), "@PLAIN@", strings.Join(names, " ")).Replace(form), true
}

// In bash what stands before the last of certain characters is not replaced, and has to
// be left out of the candidates.
const bash = `# Completion of command lines for bash, printed by: tumpline completion bash
_tumpline() {
	local line=${COMP_LINE:0:COMP_POINT} entry word stem i char
	word=${line##*[[:space:]]}
	stem=
	for ((i = 0; i < ${#word}; i++)); do
		char=${word:i:1}
		[[ $COMP_WORDBREAKS == *"$char"* ]] && stem=${word:0:i+1}
	done
	COMPREPLY=()
	while IFS= read -r entry; do
		case $entry in
		:files) compopt -o default 2>/dev/null ;;
		:nospace) compopt -o nospace 2>/dev/null ;;
		*)
			entry=${entry%%$'\t'*}
			COMPREPLY+=("${entry#"$stem"}")
			;;
		esac
	done < <(command tumpline completion words --line "$line" 2>/dev/null)
}
complete -F _tumpline @NAMES@
`

const zsh = `#compdef @PLAIN@
# Completion of command lines for zsh, printed by: tumpline completion zsh
_tumpline() {
	local -a plain
	local entry files=0 nospace=0
	for entry in "${(@f)$(command tumpline completion words "${(@)words[1,CURRENT-1]}" "$PREFIX" 2>/dev/null)}"; do
		case $entry in
		:files) files=1 ;;
		:nospace) nospace=1 ;;
		?*) plain+=("${entry%%$'\t'*}") ;;
		esac
	done
	if (( nospace )); then
		compadd -S '' -- "${plain[@]}"
	else
		compadd -- "${plain[@]}"
	fi
	(( files )) && _files
}
if [[ ${funcstack[1]} == _tumpline ]]; then
	_tumpline "$@"
else
	compdef _tumpline @NAMES@
fi
`

const fish = `# Completion of command lines for fish, printed by: tumpline completion fish
function __tumpline
	for entry in (command tumpline completion words (commandline -opc) (commandline -ct) 2>/dev/null)
		switch $entry
			case ':files'
				__fish_complete_path (commandline -ct)
			case ':nospace'
			case '*'
				echo $entry
		end
	end
end
for name in @NAMES@
	complete -c $name -f -a '(__tumpline)'
end
`
