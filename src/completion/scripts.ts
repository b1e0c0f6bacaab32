/** What a shell reads to complete `adsapp`: each asks `adsapp __complete`, and offers files where that answers `:files`. */
export const SCRIPTS = {
  bash: `# adsapp completion bash: put it into ~/.local/share/bash-completion/completions/adsapp, or: source <(adsapp completion bash)
_adsapp() {
  local line
  COMPREPLY=()
  while IFS= read -r line; do
    case $line in
      :files) compopt -o default 2>/dev/null ;;
      :nospace) compopt -o nospace 2>/dev/null ;;
      *) COMPREPLY+=("$line") ;;
    esac
  done < <(adsapp __complete bash "\${COMP_LINE:0:COMP_POINT}" "\${COMP_WORDS[COMP_CWORD]}" 2>/dev/null)
}
complete -F _adsapp adsapp
`,
  zsh: `#compdef adsapp
# adsapp completion zsh: put it as _adsapp into a folder of $fpath, or: source <(adsapp completion zsh)
_adsapp() {
  local line value
  local -a values shown
  while IFS= read -r line; do
    if [[ $line == :files ]]; then _files; return; fi
    [[ $line == :nospace ]] && continue
    value=\${line%%$'\\t'*}
    values+=("$value")
    shown+=("$value\${\${line#$value}/$'\\t'/  -- }")
  done < <(adsapp __complete words "\${(@Q)words[2,CURRENT]}" 2>/dev/null)
  (( $#values )) && compadd -l -d shown -a values
}
if [[ $funcstack[1] == _adsapp ]]; then _adsapp "$@"; else compdef _adsapp adsapp; fi
`,
  fish: `# adsapp completion fish: put it into ~/.config/fish/completions/adsapp.fish, or: adsapp completion fish | source
function __adsapp_complete
    set -l words (commandline -opc)
    set -l last (commandline -ct)
    set -l plain (string unescape -- $last 2>/dev/null; or string trim -l -c '"\\'' -- $last)
    for line in (adsapp __complete words $words[2..] "$plain" 2>/dev/null)
        switch $line
            case :files
                __fish_complete_path $last
            case :nospace
            case '*'
                echo $line
        end
    end
end
complete -c adsapp -f -k -a '(__adsapp_complete)'
`,
} as const;

export type Shell = keyof typeof SCRIPTS;
