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

    /// <summary>Whether the files are there that the card names or an import writes; if not, the weights are drawn.</summary>
    /// <exception cref="InvalidInputException">Only some of them are there, or none and the card has no seed.</exception>
    public static bool AreThere(string folder, EncoderCard card)
    {
        var files = OnnxArchitecture.Of(card).Towers.Select(tower => tower.File).Distinct().ToList();
        var missing = files.Where(file => !File.Exists(Path.Combine(folder, file))).ToList();
        if (missing.Count == 0) return true;
        var lacks = $"{folder}: there is no {string.Join(" and no ", missing)}";
        if (card.Onnx is not null) throw new InvalidInputException($"{lacks}; put the files that the card describes there");
        if (File.Exists(Path.Combine(folder, FormerFile))) throw new InvalidInputException($"{lacks}, only {FormerFile} of an earlier version of lmmrec; run 'lmmrec models import' again, or delete it");
        if (missing.Count < files.Count) throw new InvalidInputException($"{lacks}, so an import was cut short; run 'lmmrec models import' again");
        if (card.Weights.Seed is null) throw new InvalidInputException($"{lacks} and the card has no seed; run 'lmmrec models import {folder} --weights FILE|URL' first");
        return false;
    }

    /// <summary>What a card of ONNX files says that is allowed and probably not meant.</summary>
    public static IEnumerable<string> Warnings(string folder, EncoderCard card)
    {
        if (card.Onnx?.Textual is { Pooling: Pooling.None } tower && Read(Path.Combine(folder, tower.File)).Poolers.Contains(tower.Output))
            yield return $"onnx.textual.output: '{tower.Output}' is the output of a pooler, which was trained for another task; texts are usually compared by an output for every token with a pooling (mean, cls)";
    }

    /// <summary>Opens one of the files, as it is or rounded to 8 bits.</summary>
    /// <exception cref="InvalidInputException">It, or a file of weights beside it, is missing, damaged or nothing that ONNX Runtime can run.</exception>
    public static TowerGraph Open(string folder, string file, EncoderCard card, RuntimeOptions options, bool rounds)
    {
        var path = Path.Combine(folder, file);
        var written = Read(path);
        foreach (var (name, bytes) in written.ExternalFiles) Check(Path.Combine(folder, Beside(file, name)), bytes, file, card);
        try
        {
            return new TowerGraph(path, rounds ? InferenceModel.Open(EightBit.Rewrite(Graph.Load(path)), options) : InferenceModel.Open(path, options), written.ScalesOverBatch, written.Tables, IsOwn: card.Onnx is null);
        }
        catch (GraphException e)
        {
            throw new InvalidInputException(e.Message, e);
        }
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
