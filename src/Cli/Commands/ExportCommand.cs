using System.CommandLine;
using LmmRec.Artifacts;
using LmmRec.Artifacts.Store;
using LmmRec.Featurize;

namespace LmmRec.Cli.Commands;

/// <summary><c>lmmrec export</c>: what other programs read.</summary>
internal static class ExportCommand
{
    private const string Npy = "npy";

    public static Command Create()
    {
        var encoder = new Argument<string>("encoder") { Description = "An encoder of the configuration, whose vectors there are." };
        var form = new Option<string>("--as") { Description = $"The form: {Npy}, which NumPy reads.", HelpName = "FORM", DefaultValueFactory = _ => Npy };
        form.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && token.Value != Npy) result.AddError($"--as {token.Value}: is no form; allowed: {Npy}");
        });
        var target = new Option<string?>("--out", "-o") { Description = "A new folder for the files. [default: <encoder>-npy]", HelpName = "DIR" };
        var features = PipelineOptions.Command(
            "features", "Writes an encoder's vectors with the items' ids; encoders[].file reads them again.", [encoder, form, target],
            (configuration, parsed, cancellation) => RunAsync(configuration.Options, parsed.GetRequiredValue(encoder), parsed.GetValue(target), cancellation));
        return new Command("export", "What there is, in the forms of other programs.") { features };
    }

    private static async Task<int> RunAsync(PipelineConfiguration configuration, string encoder, string? target, CancellationToken cancellation)
    {
        var stores = Path.Combine(configuration.Workspace, configuration.Dataset.FolderName, "features");
        var there = Directory.Exists(stores) ? Directory.EnumerateDirectories(stores).Where(folder => Manifest.TryRead(folder) is not null).Select(Path.GetFileName).Order(StringComparer.Ordinal).ToList() : [];
        if (!there.Contains(encoder))
            throw new InvalidInputException($"{stores}: holds no vectors of an encoder '{encoder}'; there are: {(there.Count == 0 ? "none; run 'lmmrec featurize' first" : string.Join(", ", there))}");
        target ??= $"{encoder}-{Npy}";
        foreach (var (file, rows, columns) in await FeatureExport.WriteNpyAsync(Path.Combine(stores, encoder), target, cancellation))
            await Console.Out.WriteLineAsync($"wrote {Path.Combine(target, file)}: {rows} items × {columns}");
        return ExitCode.Done;
    }
}
