using System.CommandLine;
using LmmRec.Artifacts;
using LmmRec.Featurize;

namespace LmmRec.Cli.Commands;

/// <summary><c>lmmrec export</c>: what other programs read.</summary>
internal static class ExportCommand
{
    private const string Npy = "npy";

    public static Command Create()
    {
        var encoder = new Argument<string>("encoder") { Description = "An encoder of the configuration, whose vectors there are; dataset/encoder where there are several data sets." };
        var format = new Option<string>("--as")
        {
            Description = $"The format: {Npy}, which NumPy reads.",
            HelpName = "FORMAT",
            DefaultValueFactory = _ => Npy,
        };
        format.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && token.Value != Npy) result.AddError($"--as {token.Value}: unknown format; allowed: {Npy}");
        });
        var target = new Option<string?>("--out", "-o") { Description = "A new folder for the files. [default: <encoder>-npy]", HelpName = "DIR" };
        var features = PipelineOptions.Command(
            "features", "Writes an encoder's vectors with the items' ids; encoders[].file reads them again.", [encoder, format, target],
            (configuration, parsed, cancellation) => RunAsync(
                Pipeline.From(configuration, PipelineOptions.From(parsed)), parsed.GetRequiredValue(encoder), parsed.GetValue(target), cancellation));
        return new Command("export", "Writes artifacts in formats that other programs read.") { features };
    }

    private static async Task<int> RunAsync(Pipeline pipeline, string encoder, string? target, CancellationToken cancellation)
    {
        var steps = pipeline.Stages.Single(stage => stage.Name == "featurize").Steps();
        var stores = steps.ToDictionary(step => step.Dataset is null ? Path.GetFileName(step.Folder) : $"{step.Dataset}/{Path.GetFileName(step.Folder)}", step => step.Folder);
        if (!stores.TryGetValue(encoder, out var store))
            throw new InvalidInputException(
                $"the configuration has no encoder '{encoder}'; it has: {string.Join(", ", stores.Keys.DefaultIfEmpty("none"))}");
        target ??= $"{encoder.Replace('/', '-')}-{Npy}";
        foreach (var (file, rows, columns) in await FeatureExport.WriteNpyAsync(store, target, cancellation))
            await Console.Out.WriteLineAsync($"wrote {Path.Combine(target, file)}: {rows} items × {columns}");
        return ExitCode.Done;
    }
}
