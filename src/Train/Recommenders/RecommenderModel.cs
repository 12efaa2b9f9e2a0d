using LmmRec.Artifacts;
using LmmRec.Graphs;
using LmmRec.Ranking;
using LmmRec.Train.Data;

namespace LmmRec.Train.Recommenders;

/// <summary>A recommender as training artifacts: what goes in by which name, and the two tables of vectors that come out.</summary>
public static class RecommenderModel
{
    /// <summary>The output that is minimised.</summary>
    public const string Loss = "loss";

    private const string Users = "users", Positives = "positives", Negatives = "negatives", UserVectors = "user_vectors", ItemVectors = "item_vectors";

    /// <summary>Writes the training artifacts of a recommender with parameters drawn from <paramref name="seed"/>.</summary>
    public static void Write(string folder, Recommender recommender, Catalogue catalogue, RecommenderOptions options, int seed)
    {
        var g = new Graph(recommender.Name);
        var batch = new TripleInputs(Indices(Users), Indices(Positives), Indices(Negatives));
        var graph = recommender.Build(g, batch, catalogue, options);
        g.Output(Loss, graph.Loss);
        foreach (var (name, part) in graph.Parts) g.Output(name, part);
        g.Output(UserVectors, graph.UserVectors);
        g.Output(ItemVectors, graph.ItemVectors);
        var plan = new TrainingPlan { Loss = Loss, Parts = [.. graph.Parts.Keys], Evaluation = [UserVectors, ItemVectors] };
        TrainingArtifacts.Write(folder, g, plan, SeededRandom.For(seed, "parameters"));

        Tensor Indices(string name) => g.Input(name, ElementType.Int64, ["batch"]); // [B]
    }

    /// <summary>A batch of triples as the graph's inputs.</summary>
    public static Batch Feed(Triples triples) => new()
    {
        [Users] = TensorData.Of(triples.Users),
        [Positives] = TensorData.Of(triples.Positives),
        [Negatives] = TensorData.Of(triples.Negatives),
    };

    /// <summary>The user and item vectors with the session's present parameters.</summary>
    public static (Vectors Users, Vectors Items) Vectors(TrainingSession session)
    {
        var outputs = session.Evaluate();
        return (Table(outputs[UserVectors]), Table(outputs[ItemVectors]));

        static Vectors Table(TensorData data) => new(data.As<float>(), (int)data.Shape[1]);
    }
}
