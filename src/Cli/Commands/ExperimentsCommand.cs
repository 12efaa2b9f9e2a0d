using System.CommandLine;
using System.Reflection;

namespace LmmRec.Cli.Commands;

/// <summary><c>lmmrec experiments</c>: writes the configurations of whole studies.</summary>
internal static class ExperimentsCommand
{
    private const string Full = "full", Sample = "sample";

    public static Command Create() => new("experiments", "Writes the configuration of a whole study.") { Paper() };

    private static Command Paper()
    {
        var scale = new Option<string>("--scale")
        {
            Description = "full: as it was published; sample: the same cases on the sample shop, with small encoders and few epochs, in minutes.",
            HelpName = $"{Full}|{Sample}",
            DefaultValueFactory = _ => Full,
        };
        scale.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && token.Value is not (Full or Sample)) result.AddError($"--scale {token.Value}: unknown scale; allowed: {Full}, {Sample}");
        });
        var output = NewFile.Output("paper.json");
        var command = new Command("paper", "Writes the configuration of the study of \"Large Multi-modal Encoders for Recommendation\".") { scale, output };
        command.SetAction(async (parsed, _) =>
        {
            var file = parsed.GetValue(output)!;
            NewFile.Refuse(file);
            var wrote = NewFile.Write(file, await TextAsync(parsed.GetValue(scale)!));
            await Console.Out.WriteLineAsync($"{wrote}; {file}'s head says what it is and what it needs. Then: lmmrec run --config {file}");
            return ExitCode.Done;
        });
        return command;
    }

    private static async Task<string> TextAsync(string scale)
    {
        using var reader = new StreamReader(Assembly.GetExecutingAssembly().GetManifestResourceStream(scale == Sample ? "paper-sample.json" : "paper.json")!);
        return await reader.ReadToEndAsync();
    }
}
