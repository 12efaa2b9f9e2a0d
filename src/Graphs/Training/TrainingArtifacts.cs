using System.Text.Json;
using Google.Protobuf;
using LmmRec.Artifacts;
using LmmRec.Artifacts.Store;

namespace LmmRec.Graphs;

/// <summary>A parameter as the artifacts describe it.</summary>
internal sealed record ParameterInfo(string Name, ElementType Type, long[] Shape, bool Trainable);

/// <summary>What a folder of training artifacts says of itself, in <c>training.json</c>.</summary>
internal sealed record TrainingDescription(string Model, TrainingPlan Plan, IReadOnlyList<ParameterInfo> Parameters);

/// <summary>
/// Makes the files that a training runs from: <c>training_model.onnx</c> (batch and parameters in, loss, parts and one gradient per trained
/// parameter out), <c>eval_model.onnx</c>, <c>optimizer_model.onnx</c>, <c>training.json</c>, the first checkpoint, and <c>frozen.safetensors</c>
/// with the tables that are never changed.
/// </summary>
public static class TrainingArtifacts
{
    internal const string OptimizerModel = "optimizer_model.onnx",
        Description = "training.json", Frozen = "frozen.safetensors";

    /// <summary>The file of the training graph of a loss; null: the plan's first.</summary>
    internal static string TrainingModel(string? loss = null) => loss is null ? "training_model.onnx" : $"training_model-{loss}.onnx";

    /// <summary>The file of an evaluation graph; null: the plan's first.</summary>
    internal static string EvalModel(string? name = null) => name is null ? "eval_model.onnx" : $"eval_model-{name}.onnx";

    internal static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true, NewLine = "\n" };

    /// <summary>
    /// Draws the parameters that have no values yet from <paramref name="random"/>, differentiates the loss of <paramref name="plan"/> and writes
    /// all files. Same graph, plan and random state: same bytes. The graph gains the nodes of its gradients.
    /// </summary>
    /// <exception cref="GraphException">An output or a parameter that the plan names is not there, or the graph cannot be differentiated.</exception>
    public static void Write(string folder, Graph graph, TrainingPlan plan, SeededRandom random)
    {
        foreach (var name in plan.Outputs())
            if (!graph.Outputs.ContainsKey(name)) throw new GraphException($"graph '{graph.Name}' has no output '{name}'; it has: {string.Join(", ", graph.Outputs.Keys)}");
        CheckGroups(graph, plan);
        graph.Initialize(random);
        var trained = graph.Parameters.Where(p => p.Trainable).ToList();
        var leaves = plan.Leaves.Select(name => LeafOf(graph, name)).ToList();
        List<Parameter> differentiated = [.. trained, .. leaves];
        if (differentiated.Find(p => p.Tensor.Type != ElementType.Float32) is { } other) throw new GraphException(
            $"parameter '{other.Name}' of graph '{graph.Name}' is {other.Tensor.Type}; only Float32 is trained: set Trainable to false or give it as Float32");
        // What only a further loss reaches is not the first one's; what none reaches is, which refuses it.
        bool Reaches(string loss, Parameter p) => graph.Outputs[loss].DependsOn(p.Tensor);
        var first = differentiated.Where(p => Reaches(plan.Loss, p) || !plan.OtherLosses.Keys.Any(loss => Reaches(loss, p))).ToList();
        var gradients = graph.Outputs[plan.Loss].Gradients([.. first.Select(p => p.Tensor)]);
        foreach (var (parameter, gradient) in first.Zip(gradients)) graph.Output(OptimizerGraph.GradientOf(parameter.Name), gradient);

        Directory.CreateDirectory(folder);
        WriteModel(TrainingModel(), graph, plan.Parts.Prepend(plan.Loss).Concat(first.Select(p => OptimizerGraph.GradientOf(p.Name))));
        foreach (var (loss, parts) in plan.OtherLosses)
        {
            var reached = differentiated.Where(p => Reaches(loss, p)).ToList();
            var gradientsOfLoss = graph.Outputs[loss].Gradients([.. reached.Select(p => p.Tensor)]);
            string[] outputs = [.. reached.Zip(gradientsOfLoss, (p, gradient) => graph.Output(OptimizerGraph.GradientOf(p.Name, loss), gradient).Name)];
            WriteModel(TrainingModel(loss), graph, parts.Prepend(loss).Concat(outputs));
        }
        WriteModel(EvalModel(), graph, plan.Evaluation);
        foreach (var (name, outputs) in plan.OtherEvaluations) WriteModel(EvalModel(name), graph, outputs);
        var optimizer = OptimizerGraph.Build(trained, plan);
        WriteModel(OptimizerModel, optimizer, optimizer.Outputs.Keys);

        SafeTensors.Write(Path.Combine(folder, Frozen), graph.Parameters.Where(p => !p.Trainable && !leaves.Contains(p)).ToDictionary(p => p.Name, p => p.Value!));
        Checkpoint.Write(folder, new TrainingState(0) { Schedule = plan.Schedule }, trained.SelectMany(p => new (string, ITensorBytes)[]
        {
            (p.Name, p.Value!),
            (OptimizerGraph.FirstMomentOf(p.Name), new Zeros(p.Tensor.Type, p.Value!.Shape)),
            (OptimizerGraph.SecondMomentOf(p.Name), new Zeros(p.Tensor.Type, p.Value!.Shape)),
        }).Concat(leaves.Select(p => (p.Name, (ITensorBytes)p.Value!))));
        var description = new TrainingDescription(graph.Name, plan,
            [.. graph.Parameters.Select(p => new ParameterInfo(p.Name, p.Tensor.Type, p.Tensor.Shape.ToArray(), p.Trainable))]);
        FileSystem.WriteAtomically(Path.Combine(folder, Description), stream => JsonSerializer.Serialize(stream, description, Json));

        void WriteModel(string file, Graph source, IEnumerable<string> outputs) => FileSystem.WriteAtomically(
            Path.Combine(folder, file), stream => GraphFile.ToModel(source, outputs, ParametersAs.Inputs).WriteTo(stream));
    }

    /// <summary>
    /// The values of a parameter in the artifacts of <paramref name="folder"/>: at their checkpoint, or, where training does not change it, as they began. Null: they have no
    /// such parameter.
    /// </summary>
    /// <exception cref="GraphException">The folder holds no whole artifacts.</exception>
    public static TensorData? TryReadParameter(string folder, string name) =>
        new[] { Checkpoint.Read(folder).TensorFile, Path.Combine(folder, Frozen) }.Select(file => SafeTensors.Read(file, name.Equals).GetValueOrDefault(name)).FirstOrDefault(data => data is not null);

    private static Parameter LeafOf(Graph graph, string name) => graph.Parameters.FirstOrDefault(p => p.Name == name && !p.Trainable)
        ?? throw new GraphException($"graph '{graph.Name}' has no parameter '{name}' that is not trained, so it is no leaf that the caller can change");

    private static void CheckGroups(Graph graph, TrainingPlan plan)
    {
        var names = plan.Groups.SelectMany(group => group.Names).ToList();
        var known = graph.Parameters.Select(p => p.Name).ToHashSet(StringComparer.Ordinal);
        if (names.Find(name => !known.Contains(name)) is { } unknown)
            throw new GraphException($"a parameter group names '{unknown}', and graph '{graph.Name}' has no such parameter; it has: {string.Join(", ", known)}");
        if (names.GroupBy(name => name).FirstOrDefault(same => same.Count() > 1)?.Key is { } twice)
            throw new GraphException($"parameter '{twice}' of graph '{graph.Name}' is named by a parameter group more than once; one group has it, or none");
    }

    /// <summary>Moments before the first step: as many zeros as a table has elements, which are never all in memory.</summary>
    private sealed record Zeros(ElementType Type, long[] Shape) : ITensorBytes
    {
        private static readonly byte[] Chunk = new byte[1 << 16];

        public void ForEachChunk(Action<ReadOnlySpan<byte>> write)
        {
            for (var left = Shape.Aggregate((long)Type.Bytes(), (product, d) => product * d); left > 0; left -= Chunk.Length)
                write(Chunk.AsSpan(0, (int)Math.Min(Chunk.Length, left)));
        }
    }
}
