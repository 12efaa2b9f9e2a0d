using LmmRec.Artifacts;
using LmmRec.Encoders.Architectures;
using LmmRec.Encoders.Training;
using LmmRec.Graphs;

namespace LmmRec.Train.Tuning;

/// <summary>What comparing vectors gave.</summary>
/// <param name="Loss">their loss</param>
/// <param name="OfVectors">its gradient by output: [B, F]</param>
/// <param name="OfTemperatures">its gradient by parameter: []</param>
/// <param name="Logits">of every picture with every text [B × B], where wrong partners are drawn by them; else null</param>
internal sealed record Compared(
    double Loss, IReadOnlyDictionary<string, TensorData> OfVectors, IReadOnlyDictionary<string, TensorData> OfTemperatures, float[]? Logits);

/// <summary>An encoder in training: the session of its training artifacts.</summary>
internal sealed class TuningModel : IDisposable
{
    private readonly Func<string, TensorData> _values; // of the encoder's own parameters

    private TuningModel(TrainingSession session, TuningGraph tuning, TuneOptions options, bool atOnce, long? pictureBytes)
    {
        (Session, Tuning, AtOnce, PictureBytes) = (session, tuning, atOnce, pictureBytes);
        _values = options.Lora is null ? session.Parameter : LowRank.Merge(tuning.Graph, session.Parameter);
    }

    /// <summary>Its parameters and moments.</summary>
    public TrainingSession Session { get; }

    /// <summary>What was differentiated.</summary>
    public TuningGraph Tuning { get; }

    /// <summary>Whether a batch is run at once.</summary>
    public bool AtOnce { get; }

    /// <summary>Bytes of what it is fed for a picture; null: it is fed what frozen blocks gave, which is at hand and need not be decoded.</summary>
    public long? PictureBytes { get; }

    /// <summary>Writes the training artifacts of <paramref name="encoder"/> into <paramref name="folder"/> and opens them.</summary>
    /// <param name="folder">of the training artifacts</param>
    /// <param name="encoder">the encoder</param>
    /// <param name="graph">its graph, with its weights, which it lets go of</param>
    /// <param name="options">how it is trained</param>
    /// <param name="runtime">how the graphs run</param>
    public static TuningModel Create(string folder, TrainableEncoder encoder, TunedGraph graph, TuneOptions options, RuntimeOptions runtime)
    {
        var tuning = graph.Tuning;
        var groups = TrainedParameters.Groups(tuning.Graph, encoder.Decays, options.BlockRate);
        var atOnce = options.MicroBatch >= options.Batch && !tuning.IsFused;
        var plan = TuningPlan.Add(tuning, atOnce) with
        {
            Optimizer = new Adam { Beta2 = 0.98, WeightDecay = options.WeightDecay, Decoupled = true },
            Groups = groups,
            MaxGradientNorm = options.MaxGradientNorm,
        };
        var session = TrainingSession.Create(folder, tuning.Graph, plan, SeededRandom.For(options.Seed, "parameters"), runtime);
        return new TuningModel(session, tuning, options, atOnce, graph.Prefix is null ? (long)encoder.Pictures!.Size * sizeof(float) : null);
    }

    /// <summary>The vectors of some pairs with the present parameters, by output: [b, F].</summary>
    public IReadOnlyDictionary<string, TensorData> Encode(Batch pairs) => Session.Evaluate(pairs.Only(Session.EvaluationInputs()));

    /// <summary>What comparing vectors gives: the loss, and its gradients by vectors and by temperatures.</summary>
    /// <param name="vectors">by output: [B, F]</param>
    public Compared Compare(IReadOnlyDictionary<string, TensorData> vectors)
    {
        var compared = Session.Evaluate(TuningPlan.ToCompare(vectors), TuningPlan.OfVectors);
        return new Compared(compared[TuningPlan.OfVectors].As<float>()[0], Gradients(vectors.Keys), Gradients(TuningPlan.Temperatures(Tuning)), compared.GetValueOrDefault(TuningPlan.Logits)?.As<float>());

        Dictionary<string, TensorData> Gradients(IEnumerable<string> of) => of.ToDictionary(name => name, name => compared[TuningPlan.GradientOf(name)]);
    }

    /// <summary>Adds to the gradients those of a batch, or of a part of one.</summary>
    /// <returns>Its loss and the parts of that.</returns>
    public StepResult Accumulate(Batch batch) => Session.Accumulate(batch.Only(Session.Inputs()));

    /// <summary>One update with what was accumulated; temperatures stay in their range.</summary>
    /// <returns>The norm of the gradients, before they were clipped.</returns>
    public double Update(double learningRate)
    {
        var norm = Session.Update(learningRate);
        foreach (var name in Tuning.Contrasts.Select(contrast => contrast.LogitScale).Distinct())
            if (Session.Parameter(name).As<float>()[0] is var scale && Math.Clamp(scale, 0, (float)ContrastiveLoss.LargestLogitScale) is var within && within != scale)
                Session.SetParameter(name, TensorData.Scalar(within));
        return norm;
    }

    /// <summary>The present values of a parameter of the encoder, with its update where it has one; null where no loss reaches it, so that it has those that it had.</summary>
    public TensorData? Value(string name) => Session.Parameters.Contains(name) ? _values(name) : null;

    public void Dispose() => Session.Dispose();
}
