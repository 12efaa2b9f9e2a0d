using System.CommandLine;
using LmmRec.Artifacts;
using LmmRec.Encoders;
using LmmRec.Graphs;

namespace LmmRec.Cli.Commands;

/// <summary><c>lmmrec models quantize</c>: an encoder in 8 bits, rounded after samples of what it will encode.</summary>
internal static class ModelsQuantize
{
    private static readonly Option<string?> Texts = new("--texts") { Description = "A file with a text of the catalogue on each line.", HelpName = "FILE" };

    private static readonly Option<string?> Pictures = new("--images") { Description = "A folder of the catalogue's pictures.", HelpName = "DIR" };

    private static readonly Option<string> To = new("--target") { Description = "Where to: another folder than the encoder's.", HelpName = "DIR", Required = true };

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var command = new Command("quantize", "Writes an encoder in 8 bits and says how exact it is; with samples of what it will encode it is more exact.") { ModelsCommand.Card, Texts, Pictures, To };
        command.SetAction(parsed =>
        {
            var target = parsed.GetValue(To)!;
            var found = EightBitEncoder.Write(ModelsCommand.Folder(parsed.GetValue(ModelsCommand.Card)!), target,
                parsed.GetValue(Texts) is { } texts ? LinesOf(texts) : [], parsed.GetValue(Pictures) is { } pictures ? FilesOf(pictures) : [], new RuntimeOptions());
            foreach (var tower in found) Console.Out.WriteLine(tower);
            Console.Out.WriteLine($"encoder: {target}");
            return ExitCode.Done;
        });
        return command;
    }

    private static IReadOnlyList<string> LinesOf(string file) => File.Exists(file)
        ? [.. File.ReadLines(file).Where(line => !string.IsNullOrWhiteSpace(line))]
        : throw new ConfigurationException([$"--texts: there is no file {file}"]);

    // In the order of their names, so that the same folder gives the same samples.
    private static IReadOnlyList<string> FilesOf(string folder) => Directory.Exists(folder)
        ? [.. Directory.EnumerateFiles(folder).Order(StringComparer.Ordinal)]
        : throw new ConfigurationException([$"--images: there is no folder {folder}"]);
}
