using System.Numerics.Tensors;
using System.Text.Json.Nodes;
using LmmRec.Artifacts;
using LmmRec.Encoders.Architectures;
using LmmRec.Encoders.Cards;
using LmmRec.Encoders.Weights;
using LmmRec.Graphs;

namespace LmmRec.Encoders;

/// <summary>Writes encoders whose linear layers compute with 8-bit integers (docs/encoders.md#8-bits).</summary>
public static class EightBitEncoder
{
    private const int Samples = 64, Measured = 1000; // items of a modality, at most

    /// <summary>
    /// Writes the encoder in <paramref name="folder"/> to <paramref name="target"/> in 8 bits: its card, which says how exact it is, the files that the card
    /// names, and its graphs with their weights. The same encoder and items give the same bytes.
    /// </summary>
    /// <param name="folder">the encoder's folder</param>
    /// <param name="target">another folder</param>
    /// <param name="texts">such as will be encoded. 64 of them, evenly spaced, are the samples that rounding goes by; others, or if there are no more those, are compared. None: weights go to the nearest integer</param>
    /// <param name="pictures">the same for pictures, by their files</param>
    /// <param name="options">how graphs run</param>
    /// <returns>for each tower, how exact it is</returns>
    /// <exception cref="InvalidInputException">The encoder is in 16 or 8 bits already, has no linear layer or does not read what is given, or a picture cannot be decoded; the target is as it was.</exception>
    public static IReadOnlyList<Exactness> Write(
        string folder, string target, IReadOnlyList<string> texts, IReadOnlyList<string> pictures, RuntimeOptions options)
    {
        var card = EncoderCard.Read(folder);
        if (Path.GetFullPath(folder) == Path.GetFullPath(target)) throw new InvalidInputException($"{folder}: the encoder would take its own place; name another target");
        using var full = Encoder.Open(folder, options);
        if (card.Precision != Precision.Full || full.OneByOne) throw new InvalidInputException($"{folder}: the encoder computes with {(card.Precision == Precision.Half ? "16-bit floats" : "8-bit integers")} already; name the one that computes with 32-bit floats");
        if (texts.Count > 0 && full.Texts is null) throw new InvalidInputException($"{folder}: the encoder reads no texts, and {texts.Count} are given");
        if (pictures.Count > 0 && full.Pictures is null) throw new InvalidInputException($"{folder}: the encoder reads no pictures, and {pictures.Count} are given");

        var (towers, (textSamples, otherTexts), (pictureSamples, otherPictures)) = (OnnxArchitecture.Of(card), Split(texts), Split(pictures));
        using var staged = new StagedEncoder(target);
        foreach (var (name, path) in CardFiles.In(card, folder)) CardFiles.Copy(path, staged.Folder, name);
        WriteCard(folder, staged.Folder, null);
        foreach (var tower in towers.Towers.DistinctBy(tower => tower.File))
        {
            List<Batch> samples = [];
            if (towers.Visual?.File == tower.File) samples.AddRange(pictureSamples.Count > 0 ? full.Pictures!.FeedOf(pictureSamples) : []);
            if (towers.Textual?.File == tower.File) samples.AddRange(textSamples.Count > 0 ? full.Texts!.FeedOf(textSamples) : []);
            EncoderFiles.Rounded(folder, tower, card, Precision.EightBit, samples.Count > 0 ? samples : null).Save(CardFiles.PathIn(staged.Folder, tower.File));
        }

        List<Exactness> found = [];
        using (var rounded = Encoder.Open(staged.Folder, options))
        {
            if (full.Pictures is not null) found.Add(Exactness.Of("pictures", pictureSamples.Count, full.Pictures.VectorsOf(otherPictures), rounded.Pictures!.VectorsOf(otherPictures)));
            if (full.Texts is not null) found.Add(Exactness.Of("texts", textSamples.Count, full.Texts.VectorsOf(otherTexts), rounded.Texts!.VectorsOf(otherTexts)));
        }
        WriteCard(folder, staged.Folder, string.Join("; ", found));
        staged.Publish(card);
        return found;
    }

    private static (IReadOnlyList<T> Samples, IReadOnlyList<T> Others) Split<T>(IReadOnlyList<T> items)
    {
        var chosen = Spaced(items.Count, Samples);
        List<T> samples = [.. chosen.Select(i => items[i])], others = [.. items.Where((_, i) => !chosen.Contains(i))];
        return (samples, others.Count > 0 ? [.. Spaced(others.Count, Measured).Select(i => others[i])] : samples);
    }

    // Places in a list, evenly spaced, ascending.
    private static List<int> Spaced(int items, int most)
    {
        var count = Math.Min(most, items);
        return [.. Enumerable.Range(0, count).Select(i => (int)((long)i * items / count))];
    }

    private static void WriteCard(string folder, string target, string? exactness) => CardFiles.WriteCard(folder, target, card =>
    {
        card["precision"] = "eight-bit";
        if (exactness is null) return;
        var origins = card["origins"] as JsonObject ?? [];
        origins["precision"] = exactness;
        card["origins"] = origins;
    });
}

/// <summary>How close the vectors of an encoder in 8 bits come to those in floats.</summary>
/// <param name="What">what it encodes: pictures or texts</param>
/// <param name="Samples">items that rounding went by; 0: weights went to the nearest integer</param>
/// <param name="Compared">items that were compared</param>
/// <param name="Lowest">the lowest cosine; NaN where nothing was compared</param>
/// <param name="Median">the median cosine</param>
public sealed record Exactness(string What, int Samples, int Compared, double Lowest, double Median)
{
    /// <summary>In words.</summary>
    public override string ToString() => Compared == 0
        ? $"{What}: rounded without samples, not compared"
        : FormattableString.Invariant($"{What}: rounded after {Samples} samples; cosine to full over {Compared}: lowest {Lowest:f5}, median {Median:f5}");

    /// <summary>Compares vectors of the same items.</summary>
    public static Exactness Of(string what, int samples, IReadOnlyList<float[]> full, IReadOnlyList<float[]> rounded)
    {
        var cosines = full.Zip(rounded, (a, b) => (double)TensorPrimitives.CosineSimilarity<float>(a, b)).Order().ToList();
        return new(what, samples, cosines.Count, cosines.Count > 0 ? cosines[0] : double.NaN, cosines.Count > 0 ? cosines[cosines.Count / 2] : double.NaN);
    }
}
