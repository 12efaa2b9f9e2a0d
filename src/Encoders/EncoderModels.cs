using System.Text.Json.Nodes;
using LmmRec.Artifacts;
using LmmRec.Artifacts.Configuration;
using LmmRec.Artifacts.Steps;
using LmmRec.Encoders.Architectures;
using LmmRec.Encoders.Cards;
using LmmRec.Encoders.Folders;
using LmmRec.Encoders.Weights;
using LmmRec.Graphs;

namespace LmmRec.Encoders;

/// <summary>An encoder in a list: its folder's name, what the card says of it, and whether it can run.</summary>
/// <param name="Name">name of the folder</param>
/// <param name="Folder">the folder</param>
/// <param name="Description">the card's description</param>
/// <param name="State">tuned, imported, seeded, or needs weights</param>
public sealed record EncoderListing(string Name, string Folder, string Description, string State);

/// <summary>An encoder in detail.</summary>
/// <param name="Listing">what the list says</param>
/// <param name="Card">the card</param>
/// <param name="Parameters">names and shapes; empty for a file that the user brings</param>
/// <param name="VisualWidth">length of a visual vector; null where there is none</param>
/// <param name="TextualWidth">length of a textual vector</param>
/// <param name="Warnings">what is allowed and probably not meant</param>
/// <param name="OneByOne">whether items are encoded one by one, because the graph works out a scale over all that is in it</param>
public sealed record EncoderInspection(
    EncoderListing Listing, EncoderCard Card, IReadOnlyList<(string Name, IReadOnlyList<long> Shape)> Parameters, long? VisualWidth, long? TextualWidth,
    IReadOnlyList<string> Warnings, bool OneByOne);

/// <summary>What <c>lmmrec models</c> does: encoders are folders with a card; init and import give them weights.</summary>
public static class EncoderModels
{
    /// <summary>The encoders in <paramref name="root"/>, by name.</summary>
    /// <exception cref="ConfigurationException">A card has faults.</exception>
    public static IReadOnlyList<EncoderListing> List(string root) =>
        [.. Directory.EnumerateDirectories(root).Where(f => File.Exists(Path.Combine(f, EncoderCard.FileName)) && !StagedEncoder.Is(f)).Order(StringComparer.Ordinal).Select(f => Listing(f, EncoderCard.Read(f)))];

    /// <summary>All about the encoder in <paramref name="folder"/>; a file that the user brings is run once.</summary>
    public static EncoderInspection Inspect(string folder)
    {
        var card = EncoderCard.Read(folder);
        if (card.Onnx is not null) return InspectFile(folder, card);
        var graph = EncoderGraph.Build(card);
        return new EncoderInspection(Listing(folder, card), card, [.. graph.Parameters.Select(p => (p.Name, (IReadOnlyList<long>)p.Tensor.Shape.ToArray()))],
            Width(EncoderGraph.Visual), Width(EncoderGraph.Textual), [], OneByOne: false);

        long? Width(string output) => graph.Outputs.TryGetValue(output, out var tensor) ? tensor.Shape[1].Value : null;
    }

    // Of a file that the user brings nothing is known but what it does.
    private static EncoderInspection InspectFile(string folder, EncoderCard card)
    {
        using var encoder = Encoder.Open(folder, new RuntimeOptions());
        return new EncoderInspection(Listing(folder, card), card, [], encoder.Pictures?.Width, encoder.Texts?.Width, [.. EncoderFiles.Warnings(folder, card)], encoder.OneByOne);
    }

    /// <summary>The values of the card in <paramref name="folder"/> that an import found, each with the place that it comes from.</summary>
    public static IEnumerable<(string Key, string Value, string Origin)> OriginsOf(string folder)
    {
        var json = ConfigurationFile.Parse(File.ReadAllText(Path.Combine(folder, EncoderCard.FileName)), folder);
        foreach (var (key, origin) in json["origins"] as JsonObject ?? [])
        {
            var value = key.Split('.').Aggregate((JsonNode?)json, (node, part) => (node as JsonObject)?[part]);
            yield return (key, value is JsonArray list ? $"[{string.Join(", ", list)}]" : value?.ToString() ?? "null", origin?.ToString() ?? "");
        }
    }

    /// <summary>Writes the encoder of a card with weights drawn from a seed to <paramref name="target"/>.</summary>
    /// <param name="folder">the card's folder</param>
    /// <param name="seed">seed of the weights</param>
    /// <param name="target">where to; may be the card's folder</param>
    public static void Init(string folder, long seed, string target)
    {
        var card = EncoderCard.Read(folder);
        Write(folder, card, CardFiles.In(card, folder), EncoderGraph.DrawWeights(card, seed), target);
    }

    /// <summary>A client for <see cref="ImportAsync"/>, which bounds a server's silence itself.</summary>
    /// <param name="proxy">the proxy that connects; null: none, also where the environment names one</param>
    /// <param name="hub">a hub that is shown the user's token; null: none</param>
    public static HttpClient NewClient(Uri? proxy, Hub? hub = null)
    {
        var handler = new SocketsHttpHandler { UseProxy = proxy is not null, Proxy = proxy is null ? null : ProxyAddress.Open(proxy) };
        return new HttpClient(hub?.Shown(handler) ?? handler) { Timeout = Timeout.InfiniteTimeSpan };
    }

    /// <summary>
    /// Writes the encoder of a card with public or own weights to <paramref name="target"/>; the ONNX file of a card that describes one is taken as it is.
    /// The vocabulary is the card's, or that beside a file of weights; where neither is there, it is fetched.
    /// </summary>
    /// <param name="folder">the card's folder</param>
    /// <param name="weights">a file, an address, or a .nupkg that the card names; null: the card's sources in turn</param>
    /// <param name="prefix">what stands before the parameters' names in the file; null: whatever stands before all of them</param>
    /// <param name="target">where to; may be the card's folder</param>
    /// <param name="client">fetches</param>
    /// <param name="progress">shows how far it is</param>
    /// <param name="clock">measures a server's silence</param>
    /// <param name="cancellation">ends the import; nothing half-written stays but the download in a folder download-… of the target, which goes on the next time</param>
    /// <exception cref="InvalidInputException">Tensors are missing or of another shape, the file is broken, or cannot be fetched.</exception>
    public static async Task<WeightsReport> ImportAsync(
        string folder, string? weights, string? prefix, string target, HttpClient client, IProgressSink progress, TimeProvider clock, CancellationToken cancellation)
    {
        var card = EncoderCard.Read(folder);
        var graph = card.Onnx is null ? EncoderGraph.Build(card) : null;
        var address = AddressOf(weights);
        var package = address is null && IsPackage(weights) ? weights : null;
        var files = new SourceFiles(target, package, new Download(client, clock), progress);
        var beside = await CardFiles.BringAsync(card, folder, weights, target, files, cancellation);

        var report = weights is null || package is not null || address is not null
            ? await files.FirstAsync(Sources(card, folder, address is null ? null : weights, package), "fetch the file elsewhere and name it with --weights", Import, cancellation)
            : Import(weights, weights);
        files.Forget();
        return report;

        WeightsReport Import(string file, string shown)
        {
            if (graph is null) return Place(folder, card, beside, file, shown, target);
            var report = WeightsImport.Apply(graph, WeightsFile.Read(file), prefix, name => card.Architecture.IsOptional(name, card), shown);
            graph.Initialize(SeededRandom.For(card.Weights.Seed ?? 0, "encoder")); // what the file lacks and no feature needs
            Write(folder, card, beside, EncoderGraph.WeightsOf(graph), target);
            return report;
        }
    }

    private static bool IsPackage(string? file) => file?.EndsWith(".nupkg", StringComparison.OrdinalIgnoreCase) == true;

    // Null: it names a file.
    private static Uri? AddressOf(string? weights)
    {
        if (!Uri.TryCreate(weights, UriKind.Absolute, out var address) || address.IsFile || address.Host.Length == 0) return null;
        if (address.Scheme != Uri.UriSchemeHttps && address.Scheme != Uri.UriSchemeHttp) throw Refused("has a scheme other than http and https");
        return IsPackage(address.AbsolutePath) ? throw Refused("is a package, which is taken from a file only") : address;

        InvalidInputException Refused(string why) => new($"{Download.Shown(address)}: {why}; fetch it and name the file with --weights");
    }

    private static IReadOnlyList<FileSource> Sources(EncoderCard card, string folder, string? url, string? package)
    {
        var known = card.Weights.Sources;
        if (url is not null) return [known.FirstOrDefault(s => s.Url == url) ?? new FileSource { Url = url }];
        var sources = package is null ? known : [.. known.Where(s => s.Package is not null)];
        if (sources.Count == 0 && card.Imported is not null) throw new InvalidInputException($"{folder}: was imported already, with its weights; use it as it is, or import the folder again that it came from");
        return sources.Count > 0 ? sources : throw new InvalidInputException($"{folder}: the card names no {(package is null ? "source of weights" : "package")}; give a file or an address with --weights");
    }

    private static EncoderListing Listing(string folder, EncoderCard card) => new(Path.GetFileName(Path.TrimEndingDirectorySeparator(folder)), folder, card.Description,
        OnnxArchitecture.Of(card).Towers.All(tower => File.Exists(Path.Combine(folder, tower.File))) ? card.Tuned is null ? "imported" : "tuned" : card.Weights.Seed is not null ? "seeded" : "needs weights");

    private static void Write(string folder, EncoderCard card, IReadOnlyDictionary<string, string> beside, IReadOnlyDictionary<string, TensorData> weights, string target)
    {
        using var staged = new StagedEncoder(target);
        CopyBeside(folder, beside, staged.Folder);
        EncoderFiles.Write(staged.Folder, card, weights);
        staged.Publish(card);
    }

    // A file that computes as it is written: none of our parameters takes its place. Files that it takes tensors from lie beside it or in the target.
    private static WeightsReport Place(string folder, EncoderCard card, IReadOnlyDictionary<string, string> beside, string file, string shown, string target)
    {
        var names = card.Onnx!.Towers.Select(tower => tower.File).Distinct().ToList();
        if (names is not [var name]) throw new InvalidInputException($"{folder}: the card describes the files {string.Join(" and ", names)}, and an import takes one; put them there");
        using var staged = new StagedEncoder(target);
        CopyBeside(folder, beside, staged.Folder);
        CardFiles.Copy(file, staged.Folder, name);
        var placed = Path.Combine(staged.Folder, name);
        try
        {
            var written = EncoderFiles.Read(file);
            foreach (var external in written.ExternalFiles.Keys.Where(BareFileName.IsBelow))
                if (CardFiles.Find(external, [FolderOf(file), FolderOf(Path.Combine(target, name))]) is { } there) CardFiles.Copy(there, FolderOf(placed), external);
            Encoder.Open(staged.Folder, new RuntimeOptions()).Dispose();
            staged.Publish(card);
            return new WeightsReport(written.Weights, "", [], []);
        }
        catch (InvalidInputException e)
        {
            throw new InvalidInputException($"{shown}: does not fit the card: {e.Message.Replace(staged.Folder, target, StringComparison.Ordinal)}", e);
        }

        static string FolderOf(string file) => Path.GetDirectoryName(Path.GetFullPath(file))!;
    }

    private static void CopyBeside(string folder, IReadOnlyDictionary<string, string> beside, string target)
    {
        CardFiles.Copy(Path.Combine(folder, EncoderCard.FileName), target, EncoderCard.FileName);
        foreach (var (name, path) in beside) CardFiles.Copy(path, target, name);
    }
}
