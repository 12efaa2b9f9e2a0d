using System.Security.Cryptography;
using LmmRec.Artifacts;
using LmmRec.Artifacts.Store;
using LmmRec.Encoders.Architectures;
using LmmRec.Encoders.Cards;
using LmmRec.Graphs;

namespace LmmRec.Encoders;

/// <summary>The ONNX files of an encoder's folder, whether an import wrote them or the user brings them, and what may be wrong with them.</summary>
internal static class EncoderFiles
{
    private const string FormerFile = "model.onnx"; // both towers of our own architectures, as earlier versions wrote them

    /// <inheritdoc cref="Encoder.FilesOf"/>
    public static IReadOnlyList<string> Of(string folder, EncoderCard card)
    {
        var graphs = OnnxArchitecture.Of(card).Towers.Select(tower => tower.File).Where(file => File.Exists(Path.Combine(folder, file))).Distinct();
        string?[] files = [EncoderCard.FileName, card.Text?.File, card.Image?.MeanImage, .. graphs.SelectMany(file => External(file).Prepend(file))];
        return [.. files.OfType<string>().Distinct().Where(name => File.Exists(Path.Combine(folder, name)))];

        IEnumerable<string> External(string file) => Read(Path.Combine(folder, file)).ExternalFiles.Keys.Select(name => Beside(file, name));
    }

    /// <summary>The hash of what determines the vectors: names and contents of <see cref="Of"/>.</summary>
    public static string FingerprintOf(string folder, EncoderCard card) => Hashing.OfText(string.Concat(Of(folder, card).Order(StringComparer.Ordinal).Select(name =>
    {
        using var file = File.OpenRead(Path.Combine(folder, name));
        return $"{name}/{Convert.ToHexStringLower(SHA256.HashData(file))}\n";
    })));

    /// <summary>Whether the files are there that the card names or an import writes; if not, the weights are drawn.</summary>
    /// <exception cref="InvalidInputException">Only some of them are there, or none and the card has no seed.</exception>
    public static bool AreThere(string folder, EncoderCard card)
    {
        var files = OnnxArchitecture.Of(card).Towers.Select(tower => tower.File).Distinct().ToList();
        var missing = files.Where(file => !File.Exists(Path.Combine(folder, file))).ToList();
        if (missing.Count == 0) return true;
        var lacks = $"{folder}: there is no {string.Join(" and no ", missing)}";
        if (card.Onnx is not null) throw new InvalidInputException($"{lacks}; {(card.Weights.Sources.Count > 0 ? $"run '{ImportOf(folder, card)}' first" : "put the files that the card describes there")}");
        if (File.Exists(Path.Combine(folder, FormerFile))) throw new InvalidInputException($"{lacks}, only {FormerFile} of an earlier version of lmmrec; run 'lmmrec models import' again, or delete it");
        if (missing.Count < files.Count) throw new InvalidInputException($"{lacks}, so an import was cut short; run 'lmmrec models import' again");
        if (card.Weights.Seed is null) throw new InvalidInputException($"{lacks} and the card has no seed; run '{ImportOf(folder, card)}' first");
        return false;
    }

    // By the name that finds the folder, if it has one: its encoder may have come with lmmrec, and is imported beside the user's configuration.
    private static string ImportOf(string folder, EncoderCard card)
    {
        var place = new DirectoryInfo(folder);
        return $"lmmrec models import {(place.Parent?.Name == CardFolder.Models ? place.Name : $"{folder} --target {folder}")}{(card.Weights.Sources.Count > 0 ? "" : " --weights FILE|URL")}";
    }

    /// <summary>What a card of ONNX files says that is allowed and probably not meant.</summary>
    public static IEnumerable<string> Warnings(string folder, EncoderCard card)
    {
        if (card.Onnx?.Textual is { Pooling: Pooling.None } tower && Read(Path.Combine(folder, tower.File)).Poolers.Contains(tower.Output))
            yield return $"onnx.textual.output: '{tower.Output}' is the output of a pooler, which was trained for another task; texts are usually compared by an output for every token with a pooling (mean, cls)";
    }

    /// <summary>Opens one of the files, as it is (<see cref="Precision.Full"/>), or made to compute in fewer bits.</summary>
    /// <exception cref="InvalidInputException">It, or a file of weights beside it, is missing, damaged or nothing that ONNX Runtime can run.</exception>
    public static TowerGraph Open(string folder, OnnxTower tower, EncoderCard card, RuntimeOptions options, Precision precision)
    {
        var (file, path) = (tower.File, Path.Combine(folder, tower.File));
        var written = Read(path);
        foreach (var (name, bytes) in written.ExternalFiles) Check(Path.Combine(folder, Beside(file, name)), bytes, file, card);
        try
        {
            return new TowerGraph(path, precision == Precision.Full ? InferenceModel.Open(path, options) : InferenceModel.Open(Rounded(folder, tower, card, precision), options), written.ScalesOverBatch, written.Tables, IsOwn: card.Onnx is null);
        }
        catch (GraphException e)
        {
            throw new InvalidInputException(card.Onnx is null ? e.Message : $"{e.Message}; where it names an operator, export the model again with ONNX's own ones, or take another variant", e);
        }
    }

    /// <summary>The graph of a tower, from its file or of weights drawn from the card's seed, in fewer bits.</summary>
    /// <param name="folder">the encoder's folder</param>
    /// <param name="tower">the tower</param>
    /// <param name="card">the encoder's card</param>
    /// <param name="precision">not full</param>
    /// <param name="samples">what rounding to 8 bits goes by; null: weights go to the nearest integer</param>
    /// <exception cref="InvalidInputException">The graph cannot be rounded.</exception>
    public static Graph Rounded(string folder, OnnxTower tower, EncoderCard card, Precision precision, IReadOnlyList<Batch>? samples = null)
    {
        var path = Path.Combine(folder, tower.File);
        try
        {
            var graph = AreThere(folder, card)
                ? Load(folder, tower, card)
                : EncoderGraph.Tower(card, EncoderGraph.DrawWeights(card, card.Weights.Seed!.Value), tower.Output);
            return precision == Precision.Half ? HalfPrecision.Rewrite(graph) : EightBit.Rewrite(graph, samples);
        }
        catch (GraphException e)
        {
            throw new InvalidInputException($"{path}: cannot be computed in {(precision == Precision.Half ? 16 : 8)} bits: {e.Message}; use the encoder with precision full", e);
        }
    }

    /// <summary>The graph of a file, for pictures of the card's size.</summary>
    /// <exception cref="GraphException">It is broken, or holds an operator that is not known here.</exception>
    public static Graph Load(string folder, OnnxTower tower, EncoderCard card)
    {
        var path = Path.Combine(folder, tower.File);
        return Graph.Load(path, SizesIn(path, card));
    }

    /// <summary>Writes weights of our own architectures, and the graphs of the towers, which refer to them.</summary>
    /// <param name="folder">where to</param>
    /// <param name="card">the encoder's card</param>
    /// <param name="weights">of all parameters, by name, in 32 bits or in 16</param>
    public static void Write(string folder, EncoderCard card, IReadOnlyDictionary<string, TensorData> weights)
    {
        var path = Path.Combine(folder, Encoder.WeightsFile);
        SafeTensors.Write(path, weights);
        foreach (var tower in OnnxArchitecture.Of(card).Towers) EncoderGraph.Tower(card, weights, tower.Output).SaveBeside(Path.Combine(folder, tower.File), path);
    }

    // A picture's sizes, which exporters leave free and only those of the card fit: convolutions and tables of positions have no others.
    private static Dictionary<string, long> SizesIn(string path, EncoderCard card)
    {
        var sizes = new Dictionary<string, long>(StringComparer.Ordinal);
        var input = Read(path).Inputs.FirstOrDefault(i => i.Name == OnnxArchitecture.Of(card).Visual?.Input);
        if (input?.Shape is not { Rank: 4 } shape) return sizes;
        var picture = card.Image!.ShapeIn([.. shape.Select(size => size.IsFixed ? (int)size.Value : -1)]);
        for (var axis = 1; axis < 4; axis++)
            sizes[shape[axis].ToString()] = sizes[$"{input.Name}_{axis}"] = picture[axis - 1];
        return sizes;
    }

    /// <summary>What an ONNX file says of itself.</summary>
    /// <exception cref="InvalidInputException">It is none.</exception>
    public static OnnxFile Read(string path)
    {
        try
        {
            return OnnxFile.Read(path);
        }
        catch (GraphException e)
        {
            throw new InvalidInputException(e.Message, e);
        }
    }

    // A graph names its files of weights relative to its own folder.
    private static string Beside(string file, string name) => $"{file[..(file.LastIndexOf('/') + 1)]}{name}";

    // ONNX Runtime tells of such files in words of its own, and logs them.
    private static void Check(string weights, long bytes, string file, EncoderCard card)
    {
        var remedy = card.Onnx is null ? "import the weights again" : $"copy it again from where {file} comes from";
        if (!File.Exists(weights)) throw new InvalidInputException($"{weights}: is missing, and {file} takes its weights from it; {remedy}");
        StandIn.Refuse(weights);
        if (new FileInfo(weights).Length < bytes || (card.Onnx is null && !SafeTensors.IsWhole(weights))) throw new InvalidInputException($"{weights}: is cut short or damaged; {remedy}");
    }
}
