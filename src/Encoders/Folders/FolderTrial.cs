using System.Globalization;
using LmmRec.Artifacts;
using LmmRec.Encoders.Architectures;
using LmmRec.Encoders.Cards;
using LmmRec.Graphs;

namespace LmmRec.Encoders.Folders;

/// <summary>
/// Runs an encoder once before it is said to be there: three pictures and three texts must give vectors that are finite, different, and of length 1
/// where that is promised.
/// </summary>
internal static class FolderTrial
{
    private const double MostOff = 2e-3;     // of a length of 1: half precision has three digits
    private const double MostPadding = 1e-5; // of the largest number: what another order of sums makes, and far less than a token that is seen
    private const string Promise = "l2norm_";

    private static readonly string[] Texts = ["red shoes", "a blue shirt with buttons", "Wooden table for four, 120 x 80 cm, oiled"];

    /// <summary>Writes the card into <paramref name="folder"/>, where its files lie, and runs it. Whether a graph without a mask sees padding is found out here.</summary>
    /// <returns>The card.</returns>
    /// <exception cref="InvalidInputException">The files do not fit each other, or the vectors are none.</exception>
    public static EncoderCard Run(CardDraft draft, string folder)
    {
        try
        {
            if (Try(draft, folder) is { } card) return card;
            draft.Set("text.padding", "full", "the trial: padding changes the vectors");
            return Try(draft, folder)!;
        }
        catch (InvalidInputException e)
        {
            throw new InvalidInputException(e.Message.Replace(folder + Path.DirectorySeparatorChar, "", StringComparison.Ordinal), e);
        }
    }

    // Null: the card leaves padding out, and the graph sees it.
    private static EncoderCard? Try(CardDraft draft, string folder)
    {
        var card = draft.Write(folder);
        using var encoder = Encoder.Open(folder, new RuntimeOptions());
        if (encoder.Pictures is { } pictures) Check(Vectors(pictures), card.Onnx!.Visual!, "pictures");
        if (encoder.Texts is not { } texts) return card;
        var tokens = Texts.Select(texts.Tokenize).DistinctBy(t => string.Join(',', t.Ids)).ToList(); // a small vocabulary may know none of the words
        var vectors = tokens.ConvertAll(t => Vector(texts, t));
        Check(vectors, card.Onnx!.Textual!, "texts");
        if (card.Onnx.Textual!.Mask is not null || card.Text!.Padding == Padding.Full) return card;
        return texts.Lengths.Count > 1 && tokens.Zip(vectors).All(t => IsSame(t.Second, Vector(texts, Padded(t.First, card.Text)))) ? card : null;
    }

    private static List<float[]> Vectors(PictureEncoder pictures)
    {
        var (batch, vectors) = (pictures.NewBatch(), new List<float[]>());
        foreach (var file in TrialPictures.All)
        {
            if (!batch.TrySet(0, file, out var reason)) throw new InvalidOperationException(reason);
            vectors.Add(pictures.Run(batch)[..pictures.Width]);
        }
        return vectors;
    }

    private static float[] Vector(TextEncoder texts, TokenizedText text)
    {
        var batch = texts.NewBatch(text.Length);
        batch.Set(0, text);
        return texts.Run(batch)[..texts.Width];
    }

    private static TokenizedText Padded(TokenizedText text, TextTokenization rule) =>
        text with { Ids = [.. text.Ids, .. Enumerable.Repeat((long)rule.PadId!, rule.Length - text.Length)] };

    private static bool IsSame(float[] a, float[] b) => a.Zip(b).Max(pair => Math.Abs(pair.First - pair.Second)) <= MostPadding * b.Max(Math.Abs);

    private static void Check(List<float[]> vectors, OnnxTower tower, string what)
    {
        var where = $"{tower.File}, output {tower.Output}";
        if (vectors.Exists(v => !Array.TrueForAll(v, float.IsFinite)))
            throw new InvalidInputException($"{where}: gives NaN or infinite numbers for the trial's {what}; take the file from before it was damaged, or in full precision");
        if (vectors.Count > 1 && vectors.Distinct(Equality).Count() < vectors.Count)
            throw new InvalidInputException($"{where}: gives the same vector for different {what}, so it tells nothing of them; check that this is the model's vector");
        if (!tower.UnitLength && !tower.Output.StartsWith(Promise, StringComparison.Ordinal)) return;
        foreach (var length in vectors.Select(v => Math.Sqrt(v.Sum(x => (double)x * x))).Where(length => Math.Abs(length - 1) > MostOff))
            throw new InvalidInputException(string.Create(CultureInfo.InvariantCulture,
                $"{where}: gives vectors of length {length:G4} for the trial's {what}, and length 1 is promised"));
    }

    private static readonly EqualityComparer<float[]> Equality = EqualityComparer<float[]>.Create((a, b) => a.AsSpan().SequenceEqual(b), v => v.Length);
}
