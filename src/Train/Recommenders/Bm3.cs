using System.ComponentModel.DataAnnotations;
using LmmRec.Artifacts;
using LmmRec.Graphs;
using LmmRec.Train.Data;

namespace LmmRec.Train.Recommenders;

/// <summary>Options of <see cref="Bm3"/>.</summary>
public sealed record Bm3Options : RecommenderOptions
{
    /// <summary>Layers of propagation, L; default 1; 1 to 8.</summary>
    [Range(1, 8)]
    public int Layers { get; init; } = 1;

    /// <summary>Share of the values of a target that are dropped, p; default 0.3; 0 to 0.99.</summary>
    [Range(0.0, 0.99)]
    public double Dropout { get; init; } = 0.3;

    /// <summary>Weight of the norms of the propagated tables, λ; default 0.1; 0 to 100.</summary>
    [Range(0.0, 100.0)]
    public double Reg { get; init; } = 0.1;

    /// <summary>Weight of the contrasts of the modalities; default 2; 0 to 100.</summary>
    [Range(0.0, 100.0)]
    public double ContrastWeight { get; init; } = 2;
}

/// <summary>
/// BM3 (Zhou et al., 2023) as in MMRec: learns without negatives, by predicting from each vector the dropped-out other ones of its pair
/// (docs/recommenders.md#bm3).
/// </summary>
public sealed class Bm3 : Recommender<Bm3Options>
{
    public override string Name => "bm3";

    public override bool UsesContent => true;

    protected override RecommenderGraph Build(Graph g, TripleInputs batch, Catalogue catalogue, Bm3Options options)
    {
        var d = options.Dimensions;
        var p = catalogue.UserTable(g, "user_embedding", d, Initializers.XavierUniform); // [U, D]
        var q = catalogue.ItemTable(g, "item_embedding", d, Initializers.XavierUniform); // [I, D]
        var predict = Linear.Of(g, "predictor", d, d, Initializers.XavierNormal);
        var content = catalogue.Modalities.Select(m => new Content(g, m, d, Initializers.XavierNormal)).ToList();
        var r = catalogue.UserItems.Interactions(Normalization.Sym).In(g, "interactions"); // [U, I]

        var propagated = Propagation.Light(p, q, r, options.Layers);
        var (users, items) = (propagated.Users.All, propagated.Items.All + q); // [U, D], [I, D]

        var masks = new List<HostInput>();
        // What is to be predicted is dropped out and gets no gradient.
        Tensor Target(string name, Tensor x, Func<Triples, long[]> rows)
        {
            if (options.Dropout == 0) return x.Detach();
            var mask = g.Input($"{name}/mask", ElementType.Float32, ["batch", d]);
            masks.Add(new HostInput(Refresh.Batch, [mask], state => [Mask(rows(state.Batch), d, options.Dropout, state.Random)]));
            return x.Detach() * mask;
        }
        var (u, i) = (users[batch.Users], items[batch.Positives]); // [B, D]
        var (targetUser, targetItem) = (Target("users", u, b => b.Users), Target("items", i, b => b.Positives)); // [B, D]

        var pairs = Distance(predict[u], targetItem) + Distance(predict[i], targetUser);
        var reg = options.Reg * Losses.Frobenius(users, items);
        var contrasts = content.Select(m =>
        {
            var x = m[batch.Positives]; // [B, D]
            return Distance(predict[x], targetItem) + Distance(predict[x], Target(m.Name, x, b => b.Positives));
        }).Aggregate((a, b) => a + b) * options.ContrastWeight;

        return new RecommenderGraph(
            pairs + reg + contrasts, new Dictionary<string, Tensor> { ["pairs"] = pairs, ["reg"] = reg, ["contrasts"] = contrasts }, predict[users], predict[items])
        {
            Host = masks,
        };
    }

    // 1 − mean cosine
    private static Tensor Distance(Tensor x, Tensor target) => 1 - Losses.Cosine(x, target).ReduceMean();

    /// <summary>Inverted dropout for some rows of a table, [n × D]: a row that comes twice is dropped alike, since it is the table that is dropped out.</summary>
    private static TensorData Mask(long[] rows, int dimensions, double dropout, SeededRandom random)
    {
        var mask = new float[rows.Length * dimensions];
        var first = new Dictionary<long, int>();
        var survivor = (float)(1 / (1 - dropout));
        for (var b = 0; b < rows.Length; b++)
        {
            var row = mask.AsSpan(b * dimensions, dimensions);
            if (!first.TryAdd(rows[b], b)) mask.AsSpan(first[rows[b]] * dimensions, dimensions).CopyTo(row);
            else
                foreach (ref var value in row) value = random.NextDouble() < dropout ? 0 : survivor;
        }
        return TensorData.Of(mask, rows.Length, dimensions);
    }
}
