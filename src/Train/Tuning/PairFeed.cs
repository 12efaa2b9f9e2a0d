using LmmRec.Artifacts;
using LmmRec.Encoders;
using LmmRec.Encoders.Training;
using LmmRec.Graphs;
using LmmRec.Train.Harness;
using LmmRec.Train.Tuning.Data;

namespace LmmRec.Train.Tuning;

/// <summary>Makes what an encoder is fed for some pairs: pictures are decoded by several threads, texts tokenised.</summary>
/// <param name="encoder">the encoder</param>
/// <param name="pairs">all pairs</param>
/// <param name="seed">of what is drawn to augment pictures</param>
/// <param name="threads">threads to use</param>
/// <param name="kept">what the frozen blocks give for the pairs, as they are without augmentation; null: it is not kept</param>
internal sealed class PairFeed(TrainableEncoder encoder, TuningPairs pairs, int seed, int threads, PrefixStore? kept = null)
{
    /// <summary>What the graph in training is fed.</summary>
    /// <param name="places">of the pairs</param>
    /// <param name="epoch">in which each picture is augmented in a way of its own; null: pictures are as the card says</param>
    public Batch Of(IReadOnlyList<int> places, int? epoch = null)
    {
        if (kept is not null) return kept.Feed(places);
        var feed = Pictures(places, epoch);
        foreach (var (name, value) in Texts(places)) feed[name] = value;
        return feed;
    }

    /// <summary>What the encoder's whole graph is fed, but neither pictures nor texts where no input of theirs is named.</summary>
    /// <param name="places">of the pairs</param>
    /// <param name="inputs">names of the inputs that are wanted</param>
    public Batch Of(IReadOnlyList<int> places, IReadOnlySet<string> inputs)
    {
        var feed = inputs.Contains(EncoderGraph.Pixels) ? Pictures(places) : [];
        if (!inputs.Contains(EncoderGraph.Ids) && !inputs.Contains(EncoderGraph.Mask)) return feed;
        foreach (var (name, value) in Texts(places)) feed[name] = value;
        return feed;
    }

    /// <summary>What it is fed of the pictures alone.</summary>
    /// <inheritdoc cref="Of(IReadOnlyList{int}, int?)"/>
    public Batch Pictures(IReadOnlyList<int> places, int? epoch = null)
    {
        var pictures = encoder.Pictures!;
        var pixels = new float[places.Count * pictures.Size];
        Rowwise.Do(places.Count, threads, row =>
        {
            if (!pictures.TryWrite(pairs.Picture(places[row]), pixels.AsSpan(row * pictures.Size, pictures.Size), out var reason, epoch is null ? null : SeededRandom.For(seed, $"epoch {epoch}, pair {places[row]}")))
                throw new InvalidInputException($"the picture of item {pairs.All[places[row]].Item} cannot be decoded: {reason}");
        });
        return pictures.Feed(pixels);
    }

    /// <summary>What it is fed of the texts alone.</summary>
    /// <param name="places">of the pairs</param>
    public Batch Texts(IReadOnlyList<int> places)
    {
        var tokens = new TokenizedText[places.Count];
        Rowwise.Do(places.Count, threads, row => tokens[row] = encoder.Texts!.Tokenize(pairs.Text(places[row])));
        return encoder.Texts!.Feed(tokens);
    }

    /// <summary>Vectors of pairs, as they are without augmentation, by output: [pairs, F].</summary>
    /// <param name="model">encodes</param>
    /// <param name="places">of the pairs</param>
    /// <param name="outputs">those that are wanted</param>
    /// <param name="microBatch">pairs of a run</param>
    /// <param name="cancellation">ends it between two runs</param>
    public IReadOnlyDictionary<string, TensorData> Encode(
        TuningModel model, IReadOnlyList<int> places, IReadOnlyList<string> outputs, int microBatch, CancellationToken cancellation) =>
        Rows.Join(places.Count, Ahead.Of(places.Chunk(microBatch).Select(part => Of(part))).Select(batch =>
        {
            cancellation.ThrowIfCancellationRequested();
            var vectors = model.Encode(batch);
            return outputs.ToDictionary(output => output, output => vectors[output]);
        }));
}
