using System.CommandLine;
using System.CommandLine.Parsing;
using LmmRec.Artifacts.Configuration;

namespace LmmRec.Cli;

/// <summary>What is wrong with the arguments, in the words of this command: the parsing library has its own, which speak of types and tokens.</summary>
internal static class ArgumentFaults
{
    /// <summary>One line per fault, and where help is to be had; empty when there is none.</summary>
    public static IReadOnlyList<string> Of(ParseResult parsed)
    {
        List<string> faults = [.. parsed.Errors.SelectMany(error => Describe(error, parsed)).Concat(Unknown(parsed)).Concat(Empty(parsed)).Distinct()];
        return faults.Count == 0 ? [] : [.. faults, $"'{PathOf(parsed.CommandResult)} --help' lists what there is"];
    }

    private static string PathOf(CommandResult command) => command.Parent is CommandResult parent ? $"{PathOf(parent)} {command.Command.Name}" : command.Command.Name;

    // An empty value is most likely a variable that is not set.
    private static IEnumerable<string> Empty(ParseResult parsed) => parsed.CommandResult.Children
        .Where(child => child.Tokens.Any(token => token.Value.Length == 0))
        .Select(child => child switch { OptionResult option => $"{option.Option.Name} '': needs a value", ArgumentResult argument => $"<{argument.Argument.Name}> '': needs a value", _ => "" });

    private static IEnumerable<string> Describe(ParseError error, ParseResult parsed)
    {
        switch (error.SymbolResult)
        {
            case OptionResult { Tokens.Count: 0, Option.Arity.MinimumNumberOfValues: > 0 } missing:
                yield return $"{missing.Option.Name}: needs a value: {missing.Option.HelpName}; {missing.Option.Description}";
                break;
            case OptionResult several when several.Tokens.Count > several.Option.Arity.MaximumNumberOfValues:
                yield return $"{several.Option.Name}: is given {several.Tokens.Count} times ({string.Join(", ", several.Tokens.Select(token => token.Value))}); leave all but one out";
                break;
            case ArgumentResult { Tokens.Count: 0 } missing when missing.Parent is CommandResult:
                yield return $"<{missing.Argument.Name}>: is missing: {missing.Argument.Description}";
                break;
            case CommandResult when parsed.UnmatchedTokens.Count > 0: // said below
                break;
            case CommandResult command when command.Command.Subcommands.Count > 0:
                yield return $"{command.Command.Name}: needs a command; allowed: {string.Join(", ", command.Command.Subcommands.Select(c => c.Name))}";
                break;
            default:
                yield return error.Message; // a rule of our own
                break;
        }
    }

    private static IEnumerable<string> Unknown(ParseResult parsed)
    {
        var command = parsed.CommandResult.Command;
        var afterOption = false;
        foreach (var token in parsed.UnmatchedTokens)
        {
            var isOption = token.StartsWith('-') && token.Length > 1;
            // What follows an unknown option is most likely its value.
            if (isOption) yield return DescribeOption(token.Split('=')[0], command, parsed.RootCommandResult.Command);
            else if (!afterOption) yield return DescribeWord(token, command);
            afterOption = isOption;
        }
    }

    private static string DescribeOption(string name, Command command, Command root)
    {
        var elsewhere = root.Subcommands.Where(c => c.Options.Any(option => option.Name == name || option.Aliases.Contains(name))).Select(c => c.Name).ToList();
        return elsewhere.Count > 0
            ? $"'{name}': {command.Name} does not use it; {(elsewhere.Count == 1 ? "this does" : "these do")}: {string.Join(", ", elsewhere)}"
            : $"'{name}': unknown option{NearestName.Hint(name, command.Options.Select(option => option.Name))}";
    }

    private static string DescribeWord(string word, Command command) => command.Subcommands.Count > 0
        ? $"'{word}': unknown command{NearestName.Hint(word, command.Subcommands.Select(c => c.Name))}"
        : $"'{word}': {command.Name} takes {(command.Arguments.Count == 0 ? "options only" : string.Join(' ', command.Arguments.Select(a => $"<{a.Name}>")))}; "
          + $"allowed: {string.Join(", ", command.Options.Select(option => option.Name).Order(StringComparer.Ordinal))}";
}
