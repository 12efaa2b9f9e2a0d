using LmmRec.Artifacts;
using LmmRec.Encoders;
using LmmRec.Encoders.Training;
using LmmRec.Graphs;
using LmmRec.Train.Tuning.Data;

namespace LmmRec.Train.Tuning;

/// <summary>Makes what an encoder is fed for some pairs: pictures are decoded by several threads, texts tokenised.</summary>
internal sealed class PairFeed(TrainableEncoder encoder, TuningPairs pairs, int threads)
{
    /// <summary>What the encoder's graph is fed.</summary>
    /// <param name="places">of the pairs</param>
    public Batch Of(IReadOnlyList<int> places)
    {
        var (pictures, texts) = (encoder.Pictures!, encoder.Texts!);
        var pixels = new float[places.Count * pictures.Size];
        var tokens = new TokenizedText[places.Count];
        Parallel.For(0, places.Count, new ParallelOptions { MaxDegreeOfParallelism = threads }, row =>
        {
            if (!pictures.TryWrite(pairs.Picture(places[row]), pixels.AsSpan(row * pictures.Size, pictures.Size), out var reason))
                throw new InvalidInputException($"the picture of item {pairs.All[places[row]].Item} cannot be decoded: {reason}");
            tokens[row] = texts.Tokenize(pairs.Text(places[row]));
        });
        var feed = pictures.Feed(pixels);
        foreach (var (name, value) in texts.Feed(tokens)) feed[name] = value;
        return feed;
    }
}
