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
    private const double MostOff = 2e-3; // of a length of 1: half precision has three digits
    private const int Longest = 512;     // tokens that padding is tried with: more would take time and memory, and tell no more
    private const int LongestAlone = 2048; // tokens of the one text that tells whether its length is allowed: attention's memory grows with their square
    private const string Promise = "l2norm_";

    // Of the largest number: what another order of sums makes, with all digits or in a variant with fewer, and far less than a token that is seen.
    private const double MostPadding = 1e-5, MostPaddingOfVariants = 5e-3;

    private static readonly string[] Texts = ["red shoes", "a blue shirt with buttons", "Wooden table for four, 120 x 80 cm, oiled"];

    /// <summary>Writes the card into <paramref name="folder"/>, where its files lie, and runs it. Whether texts may run at short lengths is found out here.</summary>
    /// <param name="draft">the card</param>
    /// <param name="folder">where its files lie</param>
    /// <param name="isVariant">whether the graphs compute with fewer digits</param>
    /// <returns>The card.</returns>
    /// <exception cref="InvalidInputException">The files do not fit each other, or the output is no usable vector.</exception>
    public static EncoderCard Run(CardDraft draft, string folder, bool isVariant)
    {
        try
        {
            var (card, whyFull) = Try(draft, folder, isVariant, tryPictures: true);
            if (whyFull is null) return card;
            draft.Set("text.padding", "full", $"the trial: {whyFull}");
            return Try(draft, folder, isVariant, tryPictures: false).Card;
        }
        catch (InvalidInputException e)
        {
            throw new InvalidInputException(e.Message.Replace(folder + Path.DirectorySeparatorChar, "", StringComparison.Ordinal), e);
        }
    }

    private static (EncoderCard Card, string? WhyFull) Try(CardDraft draft, string folder, bool isVariant, bool tryPictures)
    {
        var card = draft.Write(folder);
        using var encoder = Encoder.Open(folder, new RuntimeOptions());
        if (tryPictures && encoder.Pictures is { } pictures) Check(VectorsOf(pictures), card.Onnx!.Visual!, "pictures");
        return (card, encoder.Texts is { } texts ? Try(texts, card, draft.OriginOf("text.length"), isVariant ? MostPaddingOfVariants : MostPadding) : null);
    }

    // Without padding.
    private static TokenizedText Whole(TokenizedText text, int length) => new([.. Enumerable.Range(0, length).Select(i => text.Ids[i % text.Count])], length);

    // Why texts have to run at the full length; null: they need not, or the card says so already.
    private static string? Try(TextEncoder texts, EncoderCard card, string lengthFrom, double mostPadding)
    {
        var tokens = Texts.Select(texts.Tokenize).DistinctBy(t => string.Join(',', t.Ids)).ToList(); // a small vocabulary may know none of the words
        var length = tokens.Max(t => t.Length);
        var whole = Whole(tokens[0], length); // as it is only compared
        IReadOnlyList<float[]> vectors;
        try
        {
            vectors = VectorsAt(length);
        }
        catch (InvalidInputException) when (length < card.Text!.Length)
        {
            return $"the graph fails on texts of {length} tokens";
        }
        catch (InvalidInputException e)
        {
            throw Failed(length, e);
        }
        Check([.. vectors.SkipLast(1)], card.Onnx!.Textual!, "texts");
        if (card.Text!.Padding == Padding.Full) return null;
        var longer = texts.Lengths.LastOrDefault(l => l > length && l <= Longest);
        if (longer == 0) return "no shorter length could be compared";
        var longest = Math.Min(card.Text.Length, LongestAlone);
        try
        {
            texts.Try(Whole(tokens[0], longest)); // positions may end before the length that the settings allow
        }
        catch (InvalidInputException e)
        {
            throw Failed(longest, e);
        }
        return vectors.Zip(VectorsAt(longer)).All(pair => IsSame(pair.First, pair.Second, mostPadding)) ? null : "padding changes the vectors";

        InvalidInputException Failed(int tokens, InvalidInputException e) =>
            new($"{lengthFrom}: allows texts of {tokens} tokens, and the graph fails on one; either that is too long for it, or {card.Text!.File} is another model's: {e.Message}", e);

        IReadOnlyList<float[]> VectorsAt(int padded) =>
            texts.VectorsOf([.. tokens.Append(whole).Select(t => t with { Ids = [.. t.Ids, .. Enumerable.Repeat((long)card.Text!.PadId!, padded - t.Length)] })]);
    }

    private static List<float[]> VectorsOf(PictureEncoder pictures)
    {
        var batch = pictures.NewBatch();
        foreach (var (row, file) in TrialPictures.All.Index())
            if (!batch.TrySet(row, file, out var reason)) throw new InvalidOperationException(reason);
        return [.. pictures.Run(batch).Chunk(pictures.Width).Take(TrialPictures.All.Count)];
    }

    private static bool IsSame(float[] a, float[] b, double mostOff) => a.Zip(b).Max(pair => Math.Abs(pair.First - pair.Second)) <= mostOff * b.Max(Math.Abs);

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
