using LmmRec.Artifacts;
using LmmRec.Graphs;

namespace LmmRec.Encoders.Training;

/// <summary>Graphs of files that take a fixed number of rows, and are trained with any: whether their operators go along with it is tried.</summary>
internal static class FreeRows
{
    private const double Tolerance = 1e-4; // of the largest number: other sums of more rows

    /// <summary>Runs two rows together and each alone.</summary>
    /// <param name="build">makes the graph, whose inputs are of any number of rows</param>
    /// <param name="file">what messages call it</param>
    /// <param name="tokens">of a text</param>
    /// <exception cref="InvalidInputException">The graph cannot be made or run, or gives other vectors.</exception>
    public static void Require(Func<Graph> build, string file, int tokens)
    {
        try
        {
            using var model = InferenceModel.Open(build());
            var (first, second, both) = (Run(0), Run(1), Run(0, 1));
            var alone = first.Concat(second).ToArray();
            if (alone.Length == both.Length && alone.Zip(both, (a, b) => Math.Abs(a - b)).Max() <= Tolerance * alone.Max(Math.Abs)) return;
            throw Refused("two rows together have other vectors than alone", null);

            float[] Run(params int[] rows) => model.Run(Feed(rows)).Values.Single().ToFloats();

            Batch Feed(int[] rows)
            {
                var batch = new Batch();
                foreach (var name in model.Inputs)
                {
                    var sizes = model.Input(name).Sizes;
                    long[] shape = [rows.Length, .. sizes.Skip(1).Select(size => size > 0 ? size : (long)tokens)];
                    var size = (int)shape.Skip(1).Aggregate(1L, (n, d) => n * d);
                    batch[name] = name == EncoderGraph.Pixels
                        ? TensorData.Of(rows.SelectMany(row => Enumerable.Range(0, size).Select(i => (float)Math.Sin((row + 1) * i))).ToArray(), shape)
                        : TensorData.Of(rows.SelectMany(row => Enumerable.Repeat(name == EncoderGraph.Ids ? row : 1L, size)).ToArray(), shape);
                }
                return batch;
            }
        }
        catch (GraphException e)
        {
            throw Refused(e.Message, e);
        }

        InvalidInputException Refused(string why, Exception? inner) =>
            new($"{file}: was exported for a fixed number of rows, and a batch that is trained has as many as its loss needs: {why}; export it with a free first axis (dynamic axes)", inner);
    }
}
