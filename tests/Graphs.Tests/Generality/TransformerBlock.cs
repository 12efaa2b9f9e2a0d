namespace LmmRec.Graphs.Tests;

/// <summary>A causal block with the normalisation first, as reference.py has it.</summary>
internal sealed class TransformerBlock
{
    private readonly int _heads;
    private readonly string _name;
    private readonly Tensor[] _p;

    public TransformerBlock(Graph g, string name, int width, int heads)
    {
        (_heads, _name) = (heads, name);
        (string Name, Shape Shape)[] parameters =
        [
            ("norm1.scale", [width]), ("norm1.bias", [width]), ("qkv.w", [3 * width, width]), ("qkv.b", [3 * width]), ("out.w", [width, width]), ("out.b", [width]),
            ("norm2.scale", [width]), ("norm2.bias", [width]), ("up.w", [4 * width, width]), ("up.b", [4 * width]), ("down.w", [width, 4 * width]), ("down.b", [width]),
        ];
        _p = Array.ConvertAll(parameters, p => g.Parameter($"{name}.{p.Name}", p.Shape, Initializers.Zeros));
    }

    public Tensor Apply(Tensor x)
    {
        var g = x.Graph;
        using var scope = g.Scope(_name);
        var (t, d) = ((int)x.Shape[1].Value, (int)x.Shape[2].Value);
        var qkv = x.LayerNormalization(_p[0], _p[1]).Linear(_p[2], _p[3]).Reshape(g.Integers(0, 0, 3, _heads, d / _heads)).Transpose(2, 0, 3, 1, 4).Split(0, 1, 1, 1);
        var (q, k, v) = (qkv[0].Squeeze(0), qkv[1].Squeeze(0), qkv[2].Squeeze(0)); // [b, heads, t, d / heads]
        var mask = TensorData.Of([.. Enumerable.Range(0, t * t).Select(i => i % t > i / t ? -1e9f : 0f)], t, t);
        var scores = q.MatMul(k.TransposeLast()) / Math.Sqrt(d / _heads) + g.Constant(mask); // [b, heads, t, t]
        var mixed = scores.Softmax().MatMul(v).Transpose(0, 2, 1, 3).Reshape(g.Integers(0, 0, d)); // [b, t, d]
        x += mixed.Linear(_p[4], _p[5]);
        return x + x.LayerNormalization(_p[6], _p[7]).Linear(_p[8], _p[9]).Gelu().Linear(_p[10], _p[11]);
    }
}
