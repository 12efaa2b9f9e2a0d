using System.ComponentModel.DataAnnotations;
using LmmRec.Graphs;

namespace LmmRec.Train.Recommenders;

/// <summary>Hyper-parameters that every recommender has.</summary>
public abstract record RecommenderOptions
{
    /// <summary>Width of the embeddings, d; default 64; 1 to 4096.</summary>
    [Range(1, 4096)]
    public int Dimensions { get; init; } = 64;

    /// <summary>Learning rate of Adam; default 0.001; 1e-8 to 1.</summary>
    [Range(1e-8, 1.0)]
    public double LearningRate { get; init; } = 1e-3;

    /// <summary>Most epochs; default: those of <c>train.epochs</c>; 1 to 100000.</summary>
    [Range(1, 100_000)]
    public int? Epochs { get; init; }

    /// <summary>γ of the learning rate of epoch e, lr · γ^(e/50); default 1 (constant), 0.96 for LATTICE and MGCN; 0.01 to 1.</summary>
    [Range(0.01, 1.0)]
    public virtual double LearningRateDecay { get; init; } = 1;

    /// <summary>Adam's weight decay, added to the gradient; default 0, 0.0001 for SLMRec and MMGCL; 0 to 1.</summary>
    [Range(0.0, 1.0)]
    public virtual double WeightDecay { get; init; }
}

/// <summary>The ends of a recommender's graph.</summary>
/// <param name="Loss">what is minimised, a scalar</param>
/// <param name="Parts">its parts by name, for the history</param>
/// <param name="UserVectors">[U × D]</param>
/// <param name="ItemVectors">[I × D]; the dot product with a user's vector is the score</param>
public sealed record RecommenderGraph(Tensor Loss, IReadOnlyDictionary<string, Tensor> Parts, Tensor UserVectors, Tensor ItemVectors)
{
    /// <summary>
    /// The loss of all batches of an epoch but the first, and end to end of all but every n-th, where it is another and reaches fewer parameters; its parts
    /// have the same names.
    /// </summary>
    public RecommenderLoss? LaterLoss { get; init; }

    /// <summary>What the host makes beside the batch, in the order in which it is made.</summary>
    public IReadOnlyList<HostInput> Host { get; init; } = [];
}

/// <summary>A loss and its parts.</summary>
public sealed record RecommenderLoss(Tensor Total, IReadOnlyDictionary<string, Tensor> Parts);

/// <summary>The triples of a batch as graph inputs.</summary>
/// <param name="Users">[B] int64</param>
/// <param name="Positives">[B] int64</param>
/// <param name="Negatives">[B] int64</param>
public readonly record struct TripleInputs(Tensor Users, Tensor Positives, Tensor Negatives);

/// <summary>A recommender: a name, its options, and its graph. Deriving from <see cref="Recommender{TOptions}"/> is all it takes to add one.</summary>
public abstract class Recommender
{
    /// <summary>The recommenders by name, found in this assembly.</summary>
    public static IReadOnlyDictionary<string, Recommender> All { get; } = typeof(Recommender).Assembly.GetTypes()
        .Where(type => type.IsSubclassOf(typeof(Recommender)) && !type.IsAbstract)
        .Select(type => (Recommender)Activator.CreateInstance(type)!)
        .OrderBy(recommender => recommender.Name, StringComparer.Ordinal)
        .ToDictionary(recommender => recommender.Name);

    /// <summary>Its name in configurations and artifacts.</summary>
    public abstract string Name { get; }

    /// <summary>Its name as its authors write it.</summary>
    public virtual string Title => Name.ToUpperInvariant();

    /// <summary>Whether it reads item features; one that does not is trained once per seed, whatever the encoders.</summary>
    public abstract bool UsesContent { get; }

    /// <summary>Whether it fuses the two modalities and cannot do with one.</summary>
    public virtual bool NeedsBothModalities => false;

    /// <summary>Whether it learns its item graph, which is built anew in the first of some batches.</summary>
    public virtual bool LearnsItemGraph => false;

    /// <summary>The record of its hyper-parameters, a <see cref="RecommenderOptions"/>.</summary>
    public abstract Type OptionsType { get; }

    /// <summary>Writes its forward graph.</summary>
    public abstract RecommenderGraph Build(Graph g, TripleInputs batch, Catalogue catalogue, RecommenderOptions options);
}

/// <inheritdoc/>
public abstract class Recommender<TOptions> : Recommender where TOptions : RecommenderOptions, new()
{
    public sealed override Type OptionsType => typeof(TOptions);

    public sealed override RecommenderGraph Build(Graph g, TripleInputs batch, Catalogue catalogue, RecommenderOptions options) =>
        Build(g, batch, catalogue, (TOptions)options);

    protected abstract RecommenderGraph Build(Graph g, TripleInputs batch, Catalogue catalogue, TOptions options);
}
