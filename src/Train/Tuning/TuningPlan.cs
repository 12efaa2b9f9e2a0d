using LmmRec.Encoders.Architectures;
using LmmRec.Encoders.Training;
using LmmRec.Graphs;

namespace LmmRec.Train.Tuning;

/// <summary>
/// The losses that a tuning adds to an encoder's graph. A batch that is run at once has <see cref="AtOnce"/>. A larger one has its vectors compared
/// without the encoder (<see cref="OfVectors"/>), and the gradients brought back into it part by part: that of Σ ⟨vector, its gradient⟩ and, for the
/// temperatures, temperature · its gradient (<see cref="Injected"/>) is the gradient of the whole (docs/encoders.md#fine-tuning).
/// </summary>
internal static class TuningPlan
{
    public const string AtOnce = "contrast", OfVectors = "contrast_of_vectors", Injected = "injected", Logits = "logits";

    private const string Fed = "fed_", Gradient = "gradient_of_", Weight = "weight_of_";

    /// <summary>Adds the losses that batches need, and gives the plan without its optimizer.</summary>
    /// <param name="tuning">the encoder's graph</param>
    /// <param name="atOnce">whether a batch is run at once</param>
    public static TrainingPlan Add(TuningGraph tuning, bool atOnce)
    {
        var graph = tuning.Graph;
        var (vectors, temperatures) = (Vectors(tuning), Temperatures(tuning).Select(name => graph.Parameters.Single(p => p.Name == name).Tensor).ToList());
        var fed = vectors.ToDictionary(name => name, name => Input(Fed + name, "pairs", graph.Outputs[name]));
        var compared = graph.Output(OfVectors, Contrast(name => fed[name]));
        string[] differentiated = [.. vectors, .. temperatures.Select(t => t.Name)];
        foreach (var (name, gradient) in differentiated.Zip(compared.Gradients([.. vectors.Select(name => fed[name]), .. temperatures]))) graph.Output(GradientOf(name), gradient);
        if (atOnce) graph.Output(AtOnce, Contrast(name => graph.Outputs[name]));
        else
        {
            var products = vectors.Select(name => (graph.Outputs[name] * Input(Gradient + name, "batch", graph.Outputs[name])).ReduceSum());
            var injected = products.Concat(temperatures.Select(t => t * Scalar(Gradient + t.Name)));
            graph.Output(Injected, Sum(injected.Concat(Fused(tuning).Select(loss => graph.Outputs[loss] * Scalar(Weight + loss)))));
        }
        if (tuning.IsFused) graph.Output(Logits, ContrastiveLoss.Logits(fed[vectors[0]], fed[vectors[1]], temperatures[0]));
        return new TrainingPlan
        {
            Loss = atOnce ? AtOnce : Injected,
            Parts = Fused(tuning),
            Evaluation = vectors,
            OtherEvaluations = new Dictionary<string, IReadOnlyList<string>>
            {
                [OfVectors] = [OfVectors, .. differentiated.Select(GradientOf), .. tuning.IsFused ? new[] { Logits } : []],
            },
        };

        Tensor Scalar(string name) => graph.Input(name, ElementType.Float32, []);

        Tensor Input(string name, Dim rows, Tensor like) => graph.Input(name, ElementType.Float32, [rows, like.Shape[1]]);

        Tensor Contrast(Func<string, Tensor> of) => Sum(tuning.Contrasts.Select(pair => tuning.Contrast(pair, of(pair.Images), of(pair.Texts)) * pair.Weight));
    }

    /// <summary>The outputs that pairs are compared by: [b, F] each.</summary>
    public static IReadOnlyList<string> Vectors(TuningGraph tuning) => [.. tuning.Contrasts.SelectMany(contrast => new[] { contrast.Images, contrast.Texts })];

    /// <summary>The parameters beside the vectors that comparing takes: of rank 0.</summary>
    public static IReadOnlyList<string> Temperatures(TuningGraph tuning) => [.. tuning.Contrasts.SelectMany(contrast => new[] { contrast.LogitScale, contrast.LogitBias }).OfType<string>().Distinct()];

    /// <summary>The losses beside the contrast, which <see cref="Injected"/> adds with a weight each: none, or VLMo's.</summary>
    public static IReadOnlyList<string> Fused(TuningGraph tuning) => tuning.IsFused ? [FusedLoss.Matching, FusedLoss.Words] : [];

    /// <summary>The input that is the weight of a loss.</summary>
    public static string WeightOf(string loss) => Weight + loss;

    /// <summary>What comparing takes: by output [B, F].</summary>
    public static Batch ToCompare(IReadOnlyDictionary<string, TensorData> vectors) => Named(Fed, vectors);

    /// <summary>What <see cref="Injected"/> takes beside what the encoder does: gradients by output [b, F] and by temperature [].</summary>
    public static Batch ToInject(IReadOnlyDictionary<string, TensorData> gradients) => Named(Gradient, gradients);

    /// <summary>The output that is the gradient of a fed vector or of a temperature.</summary>
    public static string GradientOf(string name) => Fed + Gradient + name;

    private static Tensor Sum(IEnumerable<Tensor> terms) => terms.Aggregate((sum, term) => sum + term);

    private static Batch Named(string prefix, IReadOnlyDictionary<string, TensorData> tensors)
    {
        var batch = new Batch();
        foreach (var (name, value) in tensors) batch[prefix + name] = value;
        return batch;
    }
}
