using LmmRec.Encoders.Architectures;
using LmmRec.Graphs;

namespace LmmRec.Encoders.Tests.Architectures;

public sealed class ContrastiveLossTests
{
    [Fact]
    public void The_sigmoid_loss_asks_of_every_pair_whether_it_belongs_together()
    {
        float[] images = [1, 2, -1, 0.5f, 0.2f, 3], texts = [2, 1, -1, -1, 1, 4];
        var (scale, bias) = (1.5, -2.0);
        var expected = 0.0;
        for (var i = 0; i < 3; i++)
            for (var j = 0; j < 3; j++)
            {
                var x = Math.Exp(scale) * Cosine(images[(2 * i)..(2 * i + 2)], texts[(2 * j)..(2 * j + 2)]) + bias;
                expected += Math.Log(1 + Math.Exp(i == j ? -x : x)) / 3;
            }

        var graph = new Graph("sigmoid");
        graph.Output("loss", ContrastiveLoss.Sigmoid(graph.Constant(TensorData.Of(images, 3, 2)), graph.Constant(TensorData.Of(texts, 3, 2)), graph.Scalar(scale), graph.Scalar(bias)));
        using var model = InferenceModel.Open(graph);
        Assert.Equal(expected, model.Run([])["loss"].As<float>()[0], 1e-5 * expected);
    }

    private static double Cosine(float[] a, float[] b) => (a[0] * b[0] + a[1] * b[1]) / Math.Sqrt((a[0] * a[0] + a[1] * a[1]) * (b[0] * b[0] + b[1] * b[1]));
}
