using System.CommandLine;
using TdpHw.Cli.CommandLine;
using TdpHw.Cli.Output;

namespace TdpHw.Cli.Commands;

/// <summary><c>tdphw completion</c>: scripts that teach shells to complete command lines.</summary>
internal sealed class CompletionCommand : ICommandSource
{
    // Each script hands the line to the program itself, which knows its commands, formats and options.
    private static readonly Dictionary<string, string> Scripts = new()
    {
        ["bash"] = """
            # source <(tdphw completion bash)
            _tdphw() {
                local word="${COMP_WORDS[COMP_CWORD]}"
                local IFS=$'\n'
                COMPREPLY=($(compgen -W "$(tdphw "[suggest:${COMP_POINT}]" "${COMP_LINE}" 2>/dev/null)" -- "$word"))
            }
            complete -o default -F _tdphw tdphw

            """,
        ["zsh"] = """
            #compdef tdphw
            # tdphw completion zsh > a file called _tdphw in a folder of $fpath
            _tdphw() {
                local -a suggestions
                suggestions=("${(@f)$(tdphw "[suggest:${CURSOR}]" "${BUFFER}" 2>/dev/null)}")
                if (( ${#suggestions} )) && [[ -n "${suggestions[1]}" ]]; then
                    compadd -a suggestions
                else
                    _files
                fi
            }
            if [[ "${funcstack[1]}" = "_tdphw" ]]; then
                _tdphw "$@"
            else
                compdef _tdphw tdphw
            fi

            """,
        ["fish"] = """
            # tdphw completion fish | source
            complete -c tdphw -a '(tdphw "[suggest:"(string length -- (commandline -cp))"]" (commandline -p) 2>/dev/null)'

            """,
        ["pwsh"] = """
            # tdphw completion pwsh | Out-String | Invoke-Expression
            Register-ArgumentCompleter -Native -CommandName tdphw -ScriptBlock {
                param($wordToComplete, $commandAst, $cursorPosition)
                tdphw "[suggest:$cursorPosition]" "$commandAst" 2>$null |
                    Where-Object { $_ -like "$wordToComplete*" } |
                    ForEach-Object { [System.Management.Automation.CompletionResult]::new($_) }
            }

            """,
    };

    private readonly Argument<string> _shell = new("SHELL") { Description = "bash, zsh, fish or pwsh." };

    public string[] Examples => ["source <(tdphw completion bash)"];

    public Command Create(Terminal terminal)
    {
        var command = new Command("completion", "Print a script that makes a shell complete command lines of this program.");
        command.Add(_shell);
        _shell.CompletionSources.Add([.. Scripts.Keys]);
        SharedOptions.RefuseOptions(_shell, "a shell");
        command.SetAction(parse => Run(parse.GetRequiredValue(_shell), terminal.Output));
        return command;
    }

    private static int Run(string shell, Utf8Output output)
    {
        output.Write(Scripts.TryGetValue(shell, out string? script)
            ? script
            : throw new UsageException($"unknown shell '{shell}'; there are: {string.Join(", ", Scripts.Keys)}"));
        return ExitCode.Done;
    }
}
