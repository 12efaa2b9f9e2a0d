using LmmRec.Artifacts;

namespace LmmRec.Train.Tuning.Data;

/// <summary>
/// Draws for each text of a batch a wrong picture and for each picture a wrong text, the likelier the more they are taken for right
/// (docs/encoders.md#fine-tuning-losses).
/// </summary>
internal static class NegativeDrawing
{
    /// <summary>Where every partner in the batch is right, so that none can be drawn.</summary>
    public const int None = -1;

    /// <summary>
    /// Draws by the softmax of a row of logits (of a text: of a column) with the weights of right partners set to 0. That is the softmax over the wrong ones
    /// alone, which is what is computed: it has weights to draw by also where a right partner has all but nothing left to the others.
    /// </summary>
    /// <param name="logits">[B × B], pictures by texts, with the temperature</param>
    /// <param name="batch">whose they are</param>
    /// <param name="random">one draw for each picture and each text that has a wrong partner</param>
    /// <returns>By text the place of its wrong picture in the batch, and by picture that of its wrong text.</returns>
    public static (int[] Pictures, int[] Texts) Draw(ReadOnlySpan<float> logits, IReadOnlyList<Pair> batch, SeededRandom random)
    {
        var size = batch.Count;
        var (pictures, texts) = (new int[size], new int[size]);
        for (var own = 0; own < size; own++)
        {
            pictures[own] = DrawOne(logits[own..], size, own, batch, random);
            texts[own] = DrawOne(logits[(own * size)..], 1, own, batch, random);
        }
        return (pictures, texts);
    }

    private static int DrawOne(ReadOnlySpan<float> logits, int step, int own, IReadOnlyList<Pair> batch, SeededRandom random)
    {
        var (largest, last) = (float.NegativeInfinity, None);
        for (var other = 0; other < batch.Count; other++)
            if (batch[own].IsWrongFor(batch[other])) (largest, last) = (MathF.Max(largest, logits[other * step]), other);
        if (last == None) return None;

        var sum = 0.0;
        for (var other = 0; other <= last; other++) sum += Weight(logits, other);
        var point = random.NextDouble() * sum;
        for (var other = 0; other < last; other++)
            if ((point -= Weight(logits, other)) < 0) return other;
        return last;

        double Weight(ReadOnlySpan<float> logits, int other) => batch[own].IsWrongFor(batch[other]) ? Math.Exp(logits[other * step] - largest) : 0;
    }
}
