using System.CommandLine;
using System.Globalization;
using LmmRec.Artifacts;
using LmmRec.Cli.Terminal;
using LmmRec.Encoders;
using LmmRec.Encoders.Folders;

namespace LmmRec.Cli.Commands;

/// <summary><c>lmmrec models inspect</c>: what an encoder is, and what its card's values come from; or what an ONNX file takes and gives.</summary>
internal static class ModelsInspect
{
    private static readonly Argument<string> What = new("card") { Description = "An encoder: a folder with a card, or its name; or an ONNX file, whose card is drafted." };

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var command = new Command("inspect", "Shows an encoder's parameters, the lengths of its vectors and where its card's values come from; of an ONNX file, what it takes and gives.") { What };
        command.SetAction(parsed =>
        {
            var what = parsed.GetValue(What)!;
            if (what.EndsWith(".onnx", StringComparison.OrdinalIgnoreCase)) ShowFile(what);
            else if (File.Exists(what)) throw new ConfigurationException([$"'{what}': is neither a folder with a card nor an ONNX file, whose name ends in .onnx"]);
            else ShowCard(ModelsCommand.Folder(what));
            return ExitCode.Done;
        });
        return command;
    }

    private static void ShowCard(string folder)
    {
        var found = EncoderModels.Inspect(folder);
        Console.Out.WriteLine(Printable.Of($"{found.Listing.Name}: {found.Listing.Description}"));
        Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{(EncoderGraph.ParametersOf(found.Card) is { } parameters ? $"{parameters:N0} parameters" : "ONNX files")}; visual vectors: {Length(found.VisualWidth)}; textual vectors: {Length(found.TextualWidth)}; {found.Listing.State}"));
        foreach (var warning in found.Warnings) Console.Out.WriteLine(Printable.Of($"warning: {warning}"));
        if (found.OneByOne) Console.Out.WriteLine("items are encoded one by one: the graph quantizes by a scale over all that is in it, which neighbours would change");
        foreach (var (name, shape) in found.Parameters) Console.Out.WriteLine($"  {name} [{string.Join(", ", shape)}]");
        foreach (var source in found.Card.Weights.Sources) Console.Out.WriteLine($"weights: {source}");
        foreach (var (key, value) in found.Card.Tuned ?? []) Console.Out.WriteLine(Printable.Of($"tuned: {key} {value?.ToJsonString()}"));
        foreach (var (key, value, origin) in EncoderModels.OriginsOf(folder)) Console.Out.WriteLine(Printable.Of($"  {key} {value}: {origin}"));
    }

    private static void ShowFile(string path)
    {
        var (file, draft) = GraphDraft.Of(path);
        Console.Out.WriteLine($"{path}: opset {file.Opset}");
        foreach (var input in file.Inputs) Console.Out.WriteLine(Printable.Of($"input {input}"));
        foreach (var output in file.Outputs) Console.Out.WriteLine(Printable.Of($"output {output}"));
        foreach (var name in file.ExternalFiles.Keys) Console.Out.WriteLine(Printable.Of($"takes weights from {name}"));
        if (file.ScalesOverBatch) Console.Out.WriteLine("items are encoded one by one: it quantizes by a scale over all that is in it, which neighbours would change");
        Console.Out.WriteLine("a card for it, to be completed by what the model's authors say (onnx-models/README.md):");
        Console.Out.WriteLine(draft);
    }

    private static string Length(long? width) => width?.ToString(CultureInfo.InvariantCulture) ?? "none";
}
