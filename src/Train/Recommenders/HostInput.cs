using LmmRec.Artifacts;
using LmmRec.Graphs;
using LmmRec.Train.Data;

namespace LmmRec.Train.Recommenders;

/// <summary>When the host makes an input anew.</summary>
[Flags]
public enum Refresh
{
    /// <summary>Before every batch, beside the step before it.</summary>
    Batch = 1,

    /// <summary>Before the first batch of every epoch.</summary>
    Epoch = 2,

    /// <summary>Before vectors are computed for an evaluation.</summary>
    Evaluation = 4,

    /// <summary>Before the first epoch or evaluation and never again: it depends on nothing that a training changes.</summary>
    Once = 8,

    /// <summary>
    /// Before each batch on the main loss of a recommender that has a later one: the first of every epoch, and end to end every n-th
    /// (docs/recommenders.md#end-to-end).
    /// </summary>
    Rebuild = 16,
}

/// <summary>What the host makes an input from.</summary>
/// <param name="Random">the generator of all such draws; part of a checkpoint</param>
/// <param name="Batch">the batch; empty but for <see cref="Refresh.Batch"/></param>
/// <param name="Read">the values of <see cref="HostInput.Reads"/> under the current parameters</param>
/// <param name="Threads">threads to use; must change only the speed</param>
/// <param name="Cancellation">ends the work</param>
public sealed record HostState(SeededRandom Random, Triples Batch, IReadOnlyList<TensorData> Read, int Threads, CancellationToken Cancellation);

/// <summary>Inputs of a recommender's graph that the host makes, beside the batch: perturbed graphs, masks, neighbours of items.</summary>
/// <param name="When">when they are made anew; inputs are made in the order in which a recommender lists them</param>
/// <param name="Inputs">the graph's inputs</param>
/// <param name="Make">gives a value for each of them</param>
public sealed record HostInput(Refresh When, IReadOnlyList<Tensor> Inputs, Func<HostState, IReadOnlyList<TensorData>> Make)
{
    /// <summary>Tensors of the graph whose values are needed; they may depend on parameters and on inputs that are made before these.</summary>
    public IReadOnlyList<Tensor> Reads { get; init; } = [];
}
