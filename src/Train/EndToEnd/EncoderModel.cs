using LmmRec.Artifacts;
using LmmRec.Graphs;
using LmmRec.Train.Tuning;

namespace LmmRec.Train.EndToEnd;

/// <summary>
/// An encoder in training: the session of its training artifacts. Its loss is Σ ⟨vector, gradient⟩ over some items, whose gradient with respect to the
/// weights is that of whatever loss the vectors' gradients came from (docs/recommenders.md#end-to-end).
/// </summary>
internal sealed class EncoderModel : IDisposable
{
    private const string Gradient = "gradient";

    private EncoderModel(string name, IReadOnlyList<TrainedTower> towers, TrainingSession session) => (Name, Towers, Session) = (name, towers, session);

    /// <summary>Name of the encoder.</summary>
    public string Name { get; }

    /// <summary>The towers that are in use.</summary>
    public IReadOnlyList<TrainedTower> Towers { get; }

    /// <summary>Its parameters and moments.</summary>
    public TrainingSession Session { get; }

    /// <summary>Writes the training artifacts of an encoder into <paramref name="folder"/> and opens them.</summary>
    /// <param name="folder">of the training artifacts</param>
    /// <param name="name">name of the encoder</param>
    /// <param name="towers">its towers that are in use, with their weights; a parameter of the same name in both is the same</param>
    /// <param name="options">how it is trained</param>
    /// <param name="decays">whether weight decay applies to a parameter</param>
    /// <param name="runtime">how the graphs run</param>
    public static EncoderModel Create(string folder, string name, IReadOnlyList<TrainedTower> towers, EndToEndOptions options, Func<Parameter, bool> decays, RuntimeOptions runtime)
    {
        var g = new Graph(name);
        foreach (var tower in towers)
        {
            var inputs = tower.Graph.Inputs.ToDictionary(input => input.Name, input => g.Input(Own(tower, input.Name), input.Type, input.Shape));
            var vectors = g.Insert(tower.Graph, inputs).Values.Single(); // [b, F]
            g.Output(tower.Name, vectors);
            g.Output(LossOf(tower), (vectors * g.Input(Own(tower, Gradient), ElementType.Float32, vectors.Shape)).ReduceSum());
        }
        // Heads that have no part in a vector, such as a temperature.
        foreach (var unused in g.Parameters.Where(p => p.Trainable && !towers.Any(tower => g.Outputs[LossOf(tower)].DependsOn(p.Tensor)))) unused.Trainable = false;
        var plan = new TrainingPlan
        {
            Loss = LossOf(towers[0]),
            OtherLosses = towers.Skip(1).ToDictionary(LossOf, _ => (IReadOnlyList<string>)[]),
            Evaluation = [towers[0].Name],
            OtherEvaluations = towers.Skip(1).ToDictionary(tower => tower.Name, tower => (IReadOnlyList<string>)[tower.Name]),
            Optimizer = new Adam { WeightDecay = options.WeightDecay, Decoupled = true },
            Groups = TrainedParameters.Groups(g, decays),
            MaxGradientNorm = options.MaxGradientNorm,
        };
        return new EncoderModel(name, towers, TrainingSession.Create(folder, g, plan, SeededRandom.For(0, "encoder"), runtime)); // nothing is drawn: all parameters have values
    }

    /// <summary>The vectors of some items with the present weights, [b × F].</summary>
    public TensorData Vectors(TrainedTower tower, Batch feed)
    {
        var evaluation = tower == Towers[0] ? null : tower.Name;
        return Session.Evaluate(Own(tower, feed).Only(Session.EvaluationInputs(evaluation)), evaluation)[tower.Name];
    }

    /// <summary>Adds to the weights' gradient what these items' gradients, [b × F], are for it.</summary>
    public void Accumulate(TrainedTower tower, Batch feed, TensorData gradients)
    {
        var loss = tower == Towers[0] ? null : LossOf(tower);
        var batch = Own(tower, feed).Only(Session.Inputs(loss));
        batch[Own(tower, Gradient)] = gradients;
        Session.Accumulate(batch, loss);
    }

    public void Dispose() => Session.Dispose();

    private static string LossOf(TrainedTower tower) => Own(tower, "injected");

    private static string Own(TrainedTower tower, string name) => $"{tower.Name}_{name}";

    private static Batch Own(TrainedTower tower, Batch feed)
    {
        var batch = new Batch();
        foreach (var (name, value) in feed) batch[Own(tower, name)] = value;
        return batch;
    }
}
