using System.ComponentModel.DataAnnotations;
using LmmRec.Encoders.Cards;
using LmmRec.Graphs;

namespace LmmRec.Encoders.Architectures;

/// <summary>
/// Sizes of a VGG (docs/encoders.md#vgg16): stages of 3 × 3 convolutions, each ended by a halving of the picture, then three dense layers.
/// </summary>
public sealed record VggArchitecture : IArchitecture
{
    private const int Pooled = 7; // side of the picture that the dense layers see, whatever its size before

    /// <summary>Output channels of each convolution, stage by stage.</summary>
    [Required, MinLength(1)]
    public IReadOnlyList<IReadOnlyList<int>> Stages { get; init; } = [];

    /// <summary>Width of the dense layers fc6 and fc7.</summary>
    [Required, Range(1, 65536)]
    public int Hidden { get; init; }

    /// <summary>Classes of the last dense layer, which no feature needs.</summary>
    [Required, Range(1, 1_000_000)]
    public int Classes { get; init; }

    bool IArchitecture.ReadsImages => true;

    bool IArchitecture.ReadsTexts => false;

    bool IArchitecture.MasksPadding => false;

    bool IArchitecture.IgnoresPadding => true;

    IReadOnlyList<string> IArchitecture.Features => ["fc7"];

    IEnumerable<(string Key, string Fault)> IArchitecture.Faults(EncoderCard card)
    {
        if (Stages.Any(stage => stage.Count == 0 || stage.Any(channels => channels < 1))) yield return ("vgg.stages", "each stage needs at least one convolution, and each convolution at least one channel");
        if (card.Image is { } image && Math.Min(image.Height, image.Width) is var side && side >> Stages.Count == 0) yield return ("vgg.stages", $"{Stages.Count} halvings leave nothing of a picture of {side} pixels (image.crop)");
    }

    bool IArchitecture.IsOptional(string parameter, EncoderCard card) => parameter.StartsWith("classifier.6.", StringComparison.Ordinal);

    FeatureTensors IArchitecture.Forward(Layers layers, EncoderCard card, Tensor? pixels, TokenTensors? text)
    {
        if (pixels is null) return new FeatureTensors(null, null);
        var x = pixels;
        var number = 0; // torchvision numbers activations and poolings too
        foreach (var stage in Stages)
        {
            foreach (var channels in stage)
            {
                var normal = Initializers.Normal(Math.Sqrt(2.0 / (channels * 9)));
                var weight = layers.Parameter($"features.{number}.weight", normal, channels, x.Shape[1].Value, 3, 3);
                x = x.Conv(weight, layers.Parameter($"features.{number}.bias", Initializers.Zeros, channels), padding: 1).Relu();
                number += 2;
            }
            x = x.MaxPool(2, stride: 2);
            number++;
        }
        x = AdaptiveAverage(x);
        x = x.Reshape([x.Shape[0], x.Shape[1] * Pooled * Pooled]);                  // [B, C · 49]
        x = layers.Linear(x, "classifier.0", Hidden, Initializers.Normal(0.01)).Relu();
        x = layers.Linear(x, "classifier.3", Hidden, Initializers.Normal(0.01)).Relu(); // [B, hidden]
        _ = layers.Linear(x, "classifier.6", Classes, Initializers.Normal(0.01));
        return new FeatureTensors(x, null);
    }

    // Means of Pooled × Pooled equally wide, overlapping windows: a matrix product along each axis. [B, C, h, w] → [B, C, 7, 7]
    private static Tensor AdaptiveAverage(Tensor x)
    {
        var (height, width) = (x.Shape[2].Value, x.Shape[3].Value);
        if (height == Pooled && width == Pooled) return x;
        return Windows(x.Graph, height).MatMul(x).MatMul(Windows(x.Graph, width).Transpose());
    }

    private static Tensor Windows(Graph graph, long size)
    {
        var means = new float[Pooled * size];
        for (var row = 0; row < Pooled; row++)
        {
            var (start, end) = (row * size / Pooled, ((row + 1) * size + Pooled - 1) / Pooled);
            means.AsSpan((int)(row * size + start), (int)(end - start)).Fill(1f / (end - start));
        }
        return graph.Constant(TensorData.Of(means, Pooled, size)); // [7, size]
    }
}
